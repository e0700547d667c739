#include "workers/mail/smtp_mailer.hpp"

#include <curl/curl.h>
#include <fmt/format.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <utility>

#include "core/secrets/durable_file.hpp"

namespace fl::mail {
namespace {

constexpr std::size_t kMaxCredentialBytes = 1024;

/// What libcurl reads the message from.
struct Upload {
  std::string_view rest;
};

std::size_t read_upload(char* buffer, std::size_t size, std::size_t count, void* context) {
  auto& upload = *static_cast<Upload*>(context);
  const auto part = upload.rest.substr(0, size * count);
  std::memcpy(buffer, part.data(), part.size());
  upload.rest.remove_prefix(part.size());
  return part.size();
}

std::size_t ignore_reply(char*, std::size_t size, std::size_t count, void*) {
  return size * count;
}

bool is_host(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == ':';
  });
}

std::string url_of(const SmtpConfig& config) {
  const bool v6 = config.host.find(':') != std::string::npos;
  return fmt::format("{}://{}{}{}:{}/{}", config.security == SmtpSecurity::tls ? "smtps" : "smtp",
                     v6 ? "[" : "", config.host, v6 ? "]" : "", config.port, config.helo);
}

/// What an attempt that failed means. `all_handed_over`: the server may have got the whole message.
MailOutcome outcome_of(CURLcode code, long reply, bool all_handed_over) {
  // 530 to 538: we are not allowed to use this server. That is ours to mend, not the message's.
  if (code == CURLE_LOGIN_DENIED || (reply >= 530 && reply <= 538)) return MailOutcome::deferred;
  if (reply >= 500 && reply <= 599) return MailOutcome::refused;
  if (reply >= 400 && reply <= 499) return MailOutcome::deferred;
  return all_handed_over ? MailOutcome::unknown : MailOutcome::deferred;
}

}  // namespace

SmtpMailer::SmtpMailer(SmtpConfig config) : config_(std::move(config)) {}
SmtpMailer::~SmtpMailer() = default;

Result<std::unique_ptr<SmtpMailer>> SmtpMailer::create(SmtpConfig config) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  const auto wrong = [](const char* field, const char* message) {
    return fail(ErrorClass::malformed, "smtp_config", field, message);
  };
  if (!is_host(config.host)) return wrong("host", "The SMTP host is not a host name.");
  if (!is_host(config.helo)) return wrong("helo", "The HELO name is not a host name.");
  if (config.port < 1 || config.port > 65535) return wrong("port", "No such port.");
  std::unique_ptr<SmtpMailer> mailer(new SmtpMailer(std::move(config)));
  const auto& file = mailer->config_.credentials_file;
  if (file.empty()) return mailer;
  if (mailer->config_.security == SmtpSecurity::none) {
    return wrong("security", "Credentials are never sent without encryption.");
  }
  auto content = secrets::read_secret_file(file, kMaxCredentialBytes);
  if (!content) return fail(content.error());
  const secrets::WipedString lines(std::move(*content));
  const auto first = lines.text.find('\n');
  const auto second =
      first == std::string::npos ? std::string::npos : lines.text.find('\n', first + 1);
  if (first == 0 || first == std::string::npos) {
    return wrong("credentials_file", "The credentials are a user and a password, a line each.");
  }
  mailer->user_.text = lines.text.substr(0, first);
  mailer->password_.text = lines.text.substr(
      first + 1, second == std::string::npos ? std::string::npos : second - first - 1);
  return mailer;
}

MailReport SmtpMailer::send(const MailMessage& message) {
  const auto bytes = render(message);
  if (!bytes) return {MailOutcome::refused, bytes.error().code + " in " + bytes.error().field};
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl(curl_easy_init(),
                                                                 curl_easy_cleanup);
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> recipients(
      curl_slist_append(nullptr, ("<" + message.to.str() + ">").c_str()), curl_slist_free_all);
  if (!curl || !recipients) return {MailOutcome::deferred, "out of memory"};
  Upload upload{*bytes};
  bool set = true;
  const auto option = [&](CURLoption name, auto value) {
    set = set && curl_easy_setopt(curl.get(), name, value) == CURLE_OK;
  };
  option(CURLOPT_NOSIGNAL, 1L);
  option(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  option(CURLOPT_URL, url_of(config_).c_str());
  option(CURLOPT_PROXY, "");  // whatever the environment says
  option(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(config_.connect_timeout.count()));
  option(CURLOPT_TIMEOUT_MS, static_cast<long>(config_.total_timeout.count()));
  // libcurl ends with a QUIT and waits for its answer, outside the time above: with a connection
  // that is not kept the wait is inside `perform` and has this limit (seconds, of each reply).
  option(CURLOPT_FORBID_REUSE, 1L);
  option(CURLOPT_SERVER_RESPONSE_TIMEOUT,
         static_cast<long>((config_.total_timeout.count() + 999) / 1000));
  option(CURLOPT_USE_SSL,
         static_cast<long>(config_.security == SmtpSecurity::starttls ? CURLUSESSL_ALL
                                                                      : CURLUSESSL_NONE));
  if (!config_.authorities_file.empty()) {
    option(CURLOPT_CAINFO, config_.authorities_file.c_str());
  }
  if (!user_.text.empty()) {
    option(CURLOPT_USERNAME, user_.text.c_str());
    option(CURLOPT_PASSWORD, password_.text.c_str());
  }
  const std::string sender = "<" + message.from.str() + ">";
  option(CURLOPT_MAIL_FROM, sender.c_str());
  option(CURLOPT_MAIL_RCPT, recipients.get());
  option(CURLOPT_UPLOAD, 1L);
  option(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(bytes->size()));
  option(CURLOPT_READFUNCTION, &read_upload);
  option(CURLOPT_READDATA, &upload);
  option(CURLOPT_WRITEFUNCTION, &ignore_reply);
  if (!set) return {MailOutcome::deferred, "libcurl refused an option"};

  const CURLcode code = curl_easy_perform(curl.get());
  if (curl_socket_t open = CURL_SOCKET_BAD;
      curl_easy_getinfo(curl.get(), CURLINFO_ACTIVESOCKET, &open) == CURLE_OK &&
      open != CURL_SOCKET_BAD) {
    ::shutdown(open, SHUT_RDWR);  // cleaning up must not wait two minutes for a server that is mute
  }
  if (code == CURLE_OK) return {MailOutcome::sent, "250"};
  long reply = 0;
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &reply);
  // The server's own words are left out: they often repeat the address.
  return {outcome_of(code, reply, upload.rest.empty()),
          fmt::format("{} (last reply {})", curl_easy_strerror(code), reply)};
}

}  // namespace fl::mail

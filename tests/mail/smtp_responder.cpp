#include "tests/mail/smtp_responder.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <optional>
#include <utility>

namespace {

class Connection {
 public:
  Connection(int fd, const std::atomic<bool>& stopping) : fd_(fd), stopping_(stopping) {}
  ~Connection() { ::close(fd_); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void say(const std::string& line) {
    const std::string bytes = line + "\r\n";
    if (::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) < 0) closed_ = true;
  }
  std::optional<std::string> line() {
    for (;;) {
      if (const auto end = buffer_.find("\r\n"); end != std::string::npos) {
        std::string text = buffer_.substr(0, end);
        buffer_.erase(0, end + 2);
        return text;
      }
      if (!more()) return std::nullopt;
    }
  }
  void wait_for_end() {
    while (more()) {
    }
  }

 private:
  bool more() {
    pollfd waiting{fd_, POLLIN, 0};
    while (!closed_ && !stopping_) {
      if (::poll(&waiting, 1, 20) <= 0) continue;
      char part[4096];
      const auto got = ::recv(fd_, part, sizeof part, 0);
      if (got <= 0) return false;
      buffer_.append(part, static_cast<std::size_t>(got));
      return true;
    }
    return false;
  }
  int fd_;
  const std::atomic<bool>& stopping_;
  bool closed_ = false;
  std::string buffer_;
};

}  // namespace

SmtpResponder::SmtpResponder(Script script) : script_(std::move(script)) {
  listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (listener_ < 0 || ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 8) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { serve(); });
}

SmtpResponder::~SmtpResponder() {
  stop();
}

void SmtpResponder::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  if (listener_ >= 0) ::close(std::exchange(listener_, -1));
}

void SmtpResponder::serve() {
  pollfd waiting{listener_, POLLIN, 0};
  while (!stopping_) {
    if (::poll(&waiting, 1, 20) <= 0) continue;
    if (const int fd = ::accept(listener_, nullptr, nullptr); fd >= 0) talk(fd);
  }
}

void SmtpResponder::talk(int fd) {
  Connection connection(fd, stopping_);
  /// False when the connection is to be closed.
  const auto answer = [&](const std::string& reply) {
    if (reply.empty()) return false;
    if (reply == "silence") {
      connection.wait_for_end();
      return false;
    }
    connection.say(reply);
    return true;
  };
  if (!answer(script_.greeting)) return;
  while (const auto line = connection.line()) {
    commands.push_back(*line);
    if (line->starts_with("EHLO") || line->starts_with("HELO")) {
      for (std::size_t i = 0; i < script_.capabilities.size(); ++i) {
        const bool last = i + 1 == script_.capabilities.size();
        connection.say((last ? "250 " : "250-") + script_.capabilities[i]);
      }
    } else if (line->starts_with("MAIL FROM")) {
      if (!answer(script_.on_mail)) return;
    } else if (line->starts_with("RCPT TO")) {
      if (!answer(script_.on_rcpt)) return;
    } else if (*line == "DATA") {
      if (!answer(script_.on_data)) return;
      if (!script_.on_data.starts_with("354")) continue;
      std::string message;
      for (;;) {
        auto text = connection.line();
        if (!text) return;
        if (*text == ".") break;
        if (text->starts_with("..")) text->erase(0, 1);
        message += *text + "\r\n";
        if (script_.close_after_bytes != 0 && message.size() >= script_.close_after_bytes) return;
      }
      messages.push_back(message);
      if (!answer(script_.on_message)) return;
    } else if (*line == "QUIT") {
      answer(script_.on_quit);
      return;
    } else {
      connection.say("502 no such command");
    }
  }
}

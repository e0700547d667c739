#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "core/base/error.hpp"
#include "core/secrets/secret_key.hpp"
#include "workers/mail/mailer.hpp"

namespace fl::mail {

enum class SmtpSecurity {
  none,      ///< plain: a relay on this machine only; credentials are never sent over it
  starttls,  ///< must be upgraded, or nothing is sent
  tls,       ///< from the first byte
};

struct SmtpConfig {
  std::string host;
  int port = 587;
  SmtpSecurity security = SmtpSecurity::starttls;
  std::string helo = "localhost";          ///< the name that we give ourselves
  std::filesystem::path credentials_file;  ///< 0600: user on one line, password on the next
  std::filesystem::path authorities_file;  ///< PEM; empty: the system's
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds total_timeout{60'000};
};

/// Sends by SMTP through libcurl, one connection a mail. Certificates are always verified.
class SmtpMailer final : public Mailer {
 public:
  /// Reads the credentials. Errors: malformed `smtp_config` (host, port, or credentials without
  /// encryption), or those of read_secret_file.
  static Result<std::unique_ptr<SmtpMailer>> create(SmtpConfig config);
  ~SmtpMailer() override;
  MailReport send(const MailMessage& message) override;

 private:
  explicit SmtpMailer(SmtpConfig config);
  SmtpConfig config_;
  secrets::WipedString user_;
  secrets::WipedString password_;
};

}  // namespace fl::mail

#pragma once

#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/secrets/email_address.hpp"

namespace fl::mail {

inline constexpr std::size_t kMaxSubjectBytes = 400;
inline constexpr std::size_t kMaxNameBytes = 200;
inline constexpr std::size_t kMaxTextBytes = 64 * 1024;

/// One mail to one person, in plain text.
struct MailMessage {
  JobId job;  ///< the Message-ID derives from it: a repeated sending is the same mail
  secrets::EmailAddress from;
  std::string from_name;  ///< may be empty
  secrets::EmailAddress to;
  std::string subject;
  std::string text;  ///< UTF-8, lines ending in \n or \r\n
  Instant date;
};

/// "<job_…@domain>": the domain is the sender's.
std::string message_id(const MailMessage& message);

/// The bytes of RFC 5322: CRLF, ASCII only, lines of at most 76 characters. Names and subjects are
/// RFC 2047 encoded words where they need to be, control characters in them become spaces, so no
/// text of a person can make a header. The body is quoted-printable. The same message gives the
/// same bytes. Errors: malformed `mail_too_long`, `mail_not_text` (not UTF-8), with the field.
Result<std::string> render(const MailMessage& message);

/// "Sun, 22 Nov 2026 19:04:36 +0000".
std::string mail_date(Instant at);

}  // namespace fl::mail

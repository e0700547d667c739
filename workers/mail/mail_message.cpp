#include "workers/mail/mail_message.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "core/base/assert.hpp"
#include "core/base/encoding.hpp"
#include "core/secrets/utf8.hpp"

namespace fl::mail {
namespace {

constexpr std::size_t kMaxLine = 76;         // RFC 2045 for quoted-printable, RFC 2047 for headers
constexpr std::size_t kMaxEncodedText = 36;  // an encoded word of 60: it fits behind "Subject: "

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

std::string without_controls(std::string_view text) {
  std::string clean(text);
  std::replace_if(clean.begin(), clean.end(), is_control, ' ');
  return clean;
}

/// Encoded words of RFC 2047, each of whole characters, folded over lines.
std::string encoded_words(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t size = 0;
    while (size < text.size()) {
      const auto next = secrets::utf8_character(text, size);
      FL_ASSERT(next > 0);  // render() has looked at it
      if (size + next > kMaxEncodedText) break;
      size += next;
    }
    if (!out.empty()) out.append("\r\n ");  // white space between encoded words is not shown
    out.append("=?utf-8?B?").append(to_base64(text.substr(0, size))).append("?=");
    text.remove_prefix(size);
  }
  return out;
}

/// As it is when it is plain ASCII that fits the line and can be taken for nothing else.
std::string header_text(std::string_view text, std::size_t name_size) {
  const std::string clean = without_controls(text);
  const bool plain =
      std::all_of(clean.begin(), clean.end(), [](char c) { return c >= 0x20 && c < 0x7F; }) &&
      clean.find("=?") == std::string::npos && !clean.starts_with(' ') && !clean.ends_with(' ') &&
      name_size + clean.size() <= kMaxLine;
  if (plain) return clean;
  return encoded_words(clean);
}

/// A display name: a quoted string when it is plain ASCII, encoded words otherwise.
std::string display_name(std::string_view name) {
  const std::string clean = without_controls(name);
  const bool plain = clean.size() <= 60 && std::all_of(clean.begin(), clean.end(), [](char c) {
                       return c >= 0x20 && c < 0x7F;
                     });
  if (!plain) return encoded_words(clean);
  std::string out = "\"";
  for (char c : clean) {
    if (c == '"' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out + "\"";
}

/// RFC 2045: soft line breaks, no blank at the end of a line, CRLF for every line break.
std::string quoted_printable(std::string_view text) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  std::size_t column = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool at_break = c == '\n' || text.substr(i, 2) == "\r\n";
    if (at_break) {
      if (c == '\r') ++i;
      out.append("\r\n");
      column = 0;
      continue;
    }
    const auto rest = text.substr(i + 1);
    const bool last_of_line = rest.empty() || rest.front() == '\n' || rest.substr(0, 2) == "\r\n";
    const bool plain = (c > 0x20 && c < 0x7F && c != '=') || (c == ' ' && !last_of_line);
    const std::size_t size = plain ? 1 : 3;
    if (column + size > kMaxLine - 1) {  // one place stays for the soft break
      out.append("=\r\n");
      column = 0;
    }
    if (plain) {
      out.push_back(c);
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out.push_back('=');
      out.push_back(kHex[byte >> 4]);
      out.push_back(kHex[byte & 15]);
    }
    column += size;
  }
  if (!out.ends_with("\r\n")) out.append("\r\n");
  return out;
}

Status check_text(std::string_view text, std::size_t at_most, const char* field) {
  if (text.size() > at_most) {
    return fail(ErrorClass::malformed, "mail_too_long", field,
                fmt::format("At most {} bytes.", at_most));
  }
  if (!secrets::utf8_length(text)) {
    return fail(ErrorClass::malformed, "mail_not_text", field, "Not text in UTF-8.");
  }
  return {};
}

}  // namespace

std::string message_id(const MailMessage& message) {
  return fmt::format("<{}@{}>", message.job.str(), message.from.domain());
}

std::string mail_date(Instant at) {
  constexpr std::array<const char*, 7> kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                   "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(at.ms)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const auto of_day = std::chrono::floor<std::chrono::seconds>(time - day).count();
  return fmt::format(
      "{}, {:02} {} {:04} {:02}:{:02}:{:02} +0000", kDays[std::chrono::weekday(day).c_encoding()],
      static_cast<unsigned>(date.day()), kMonths[static_cast<unsigned>(date.month()) - 1],
      static_cast<int>(date.year()), of_day / 3600, of_day / 60 % 60, of_day % 60);
}

Result<std::string> render(const MailMessage& message) {
  if (auto name = check_text(message.from_name, kMaxNameBytes, "from_name"); !name) {
    return fail(name.error());
  }
  if (auto subject = check_text(message.subject, kMaxSubjectBytes, "subject"); !subject) {
    return fail(subject.error());
  }
  if (auto text = check_text(message.text, kMaxTextBytes, "text"); !text) {
    return fail(text.error());
  }
  // Long addresses stand on a line of their own; lines may be longer than 76 there, never over 998.
  std::string out = "Date: " + mail_date(message.date) + "\r\n";
  out += "From: ";
  if (!message.from_name.empty()) out += display_name(message.from_name) + "\r\n ";
  out += "<" + message.from.str() + ">\r\n";
  out += "To: <" + message.to.str() + ">\r\n";
  out += "Message-ID: " + message_id(message) + "\r\n";
  out += "Subject: " + header_text(message.subject, 9) + "\r\n";
  out += "MIME-Version: 1.0\r\n";
  out += "Content-Type: text/plain; charset=utf-8\r\n";
  out += "Content-Transfer-Encoding: quoted-printable\r\n";
  out += "Auto-Submitted: auto-generated\r\n";  // RFC 3834: no machine should answer it
  out += "\r\n";
  out += quoted_printable(message.text);
  return out;
}

}  // namespace fl::mail

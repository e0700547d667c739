#pragma once

#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/sha256.hpp"
#include "core/secrets/secret_key.hpp"

namespace fl::secrets {

/// An e-mail address that mail can be sent to, in one spelling: trimmed, all in lower case. ASCII
/// only (an international domain in its xn-- form), dot-atom local part, a domain of at least two
/// labels; no quoted local part, no address literal, no comment. So it holds no character that
/// could end a header or an SMTP command.
class EmailAddress {
 public:
  /// Errors: malformed `email_invalid` or `email_too_long` in the field `email`.
  static Result<EmailAddress> parse(std::string_view text);

  const std::string& str() const { return text_; }
  std::string_view local_part() const { return std::string_view(text_).substr(0, at_); }
  std::string_view domain() const { return std::string_view(text_).substr(at_ + 1); }

  /// What the ledger knows of it: HMAC under the index key. Equal for equal addresses, and tells
  /// nothing to who has not the key.
  Digest index(const SecretKey& index_key) const;

  bool operator==(const EmailAddress&) const = default;

 private:
  EmailAddress(std::string text, std::size_t at) : text_(std::move(text)), at_(at) {}
  std::string text_;
  std::size_t at_;
};

}  // namespace fl::secrets

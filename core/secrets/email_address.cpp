#include "core/secrets/email_address.hpp"

#include <algorithm>

namespace fl::secrets {
namespace {

constexpr std::size_t kMaxAddress = 254;  // RFC 5321: a path of 256 with its angle brackets
constexpr std::size_t kMaxLocal = 64;
constexpr std::size_t kMaxLabel = 63;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/// RFC 5322, dot-atom; in lower case already.
bool is_local_part(std::string_view text) {
  if (text.empty() || text.size() > kMaxLocal) return false;
  char before = '.';
  for (char c : text) {
    const bool atom = is_letter_or_digit(c) ||
                      std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
    if (!atom && !(c == '.' && before != '.')) return false;
    before = c;
  }
  return before != '.';
}

bool is_domain(std::string_view text) {
  int labels = 0;
  std::string_view label;
  for (bool more = true; more; ++labels) {
    const auto dot = text.find('.');
    label = text.substr(0, dot);
    if (label.empty() || label.size() > kMaxLabel || label.front() == '-' || label.back() == '-') {
      return false;
    }
    for (char c : label) {
      if (!is_letter_or_digit(c) && c != '-') return false;
    }
    more = dot != std::string_view::npos;
    if (more) text.remove_prefix(dot + 1);
  }
  const bool numeric =
      std::all_of(label.begin(), label.end(), [](char c) { return c >= '0' && c <= '9'; });
  return labels >= 2 && !numeric;  // no top-level domain is all digits: that is an IP address
}

}  // namespace

Result<EmailAddress> EmailAddress::parse(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto begin = text.find_first_not_of(kSpace);
  if (begin != std::string_view::npos) {
    text = text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
  }
  if (text.size() > kMaxAddress) {
    return fail(ErrorClass::malformed, "email_too_long", "email",
                "An e-mail address has at most 254 characters.");
  }
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  const auto at = lower.find('@');
  if (at == std::string::npos || !is_local_part(std::string_view(lower).substr(0, at)) ||
      !is_domain(std::string_view(lower).substr(at + 1))) {
    return fail(ErrorClass::malformed, "email_invalid", "email",
                "This is not an e-mail address that mail can be sent to.");
  }
  return EmailAddress(std::move(lower), at);
}

Digest EmailAddress::index(const SecretKey& index_key) const {
  return hmac_sha256(index_key.view(),
                     {"fanledger email index v1", std::string_view("\0", 1), text_});
}

}  // namespace fl::secrets

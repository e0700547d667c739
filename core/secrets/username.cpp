#include "core/secrets/username.hpp"

#include <algorithm>
#include <array>

namespace fl::secrets {
namespace {

constexpr std::size_t kMin = 3;
constexpr std::size_t kMax = 30;
constexpr std::size_t kGeneratedDigits = 12;  // 60 bits of the id

/// What a person might take for the platform itself, or for a part of its address. Sorted.
constexpr std::array<std::string_view, 60> kReserved = {
    "about",     "abuse",      "account",   "accounts", "admin",    "administrator", "anonymous",
    "api",       "assets",     "audit",     "auditor",  "auth",     "billing",       "blog",
    "contact",   "creator",    "creators",  "docs",     "everyone", "explore",       "fanledger",
    "feed",      "feeds",      "finance",   "health",   "help",     "home",          "hostmaster",
    "info",      "legal",      "login",     "logout",   "mail",     "media",         "metrics",
    "moderator", "nobody",     "notices",   "null",     "official", "owner",         "payments",
    "platform",  "postmaster", "privacy",   "root",     "search",   "security",      "settings",
    "signup",    "staff",      "status",    "support",  "system",   "team",          "terms",
    "undefined", "verified",   "webmaster", "www",
};
static_assert(std::is_sorted(kReserved.begin(), kReserved.end()));

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

Failure invalid(std::string code, std::string message) {
  return fail(ErrorClass::malformed, std::move(code), "username", std::move(message));
}

}  // namespace

std::string fold_username(std::string_view username) {
  std::string folded(username);
  for (char& c : folded) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return folded;
}

Status check_username(std::string_view username) {
  if (username.size() < kMin) {
    return invalid("username_too_short", "A user name has at least 3 characters.");
  }
  if (username.size() > kMax) {
    return invalid("username_too_long", "A user name has at most 30 characters.");
  }
  for (char c : username) {
    if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '_' && c != '.') {
      return invalid("username_invalid", "A user name has letters a to z, digits, _ and . only.");
    }
  }
  if (!is_letter(username.front())) {
    return invalid("username_invalid", "A user name begins with a letter.");
  }
  if (username.back() == '.' || username.find("..") != std::string_view::npos) {
    return invalid("username_invalid", "A user name has no dot at its end and no two together.");
  }
  const auto folded = fold_username(username);
  // "acc_…" is how ids of accounts look: a name must not be taken for one.
  if (folded.starts_with("acc_") ||
      std::binary_search(kReserved.begin(), kReserved.end(), std::string_view(folded))) {
    return fail(ErrorClass::refused, "username_reserved", "username",
                "This user name is reserved.");
  }
  return {};
}

std::string generate_username(const AccountId& account, unsigned attempt) {
  const auto text = derive_id<AccountId>("username", account.view(), std::to_string(attempt)).str();
  return "user_" + text.substr(text.size() - kGeneratedDigits);
}

}  // namespace fl::secrets

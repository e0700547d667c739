#include "core/secrets/password_rules.hpp"

#include <algorithm>
#include <array>
#include <bitset>
#include <string>
#include <vector>

#include "core/secrets/common_passwords.hpp"
#include "core/secrets/utf8.hpp"

namespace fl::secrets {
namespace {

constexpr std::size_t kLongestTail = 6;      // "dragon2024!": what is tacked on behind a word
constexpr std::size_t kFewestDifferent = 4;  // "aaaabbbb"
constexpr std::size_t kShortestName = 3;     // of what a password is compared with
constexpr std::size_t kLeftBesideName = 6;   // a password needs this much that is not the name

Failure refuse(std::string code, std::string message) {
  return fail(ErrorClass::malformed, std::move(code), "password", std::move(message));
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// "p@ssw0rd" → "password".
std::string without_disguise(std::string text) {
  for (char& c : text) {
    switch (c) {
      case '@':
      case '4':
        c = 'a';
        break;
      case '0':
        c = 'o';
        break;
      case '1':
      case '!':
        c = 'i';
        break;
      case '3':
        c = 'e';
        break;
      case '$':
      case '5':
        c = 's';
        break;
      case '7':
        c = 't';
        break;
      default:
        break;
    }
  }
  return text;
}

/// A stretch of the alphabet, the digits or a row of the keyboard, either way.
bool is_run(const std::string& lower) {
  static constexpr std::array<std::string_view, 4> kRows = {
      "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm", "1234567890",
      "1qaz2wsx3edc4rfv5tgb6yhn7ujm"};
  const std::string backwards(lower.rbegin(), lower.rend());
  return std::any_of(kRows.begin(), kRows.end(), [&](std::string_view row) {
    return row.find(lower) != std::string_view::npos ||
           row.find(backwards) != std::string_view::npos;
  });
}

std::size_t different_bytes(std::string_view text) {
  std::bitset<256> seen;
  for (char c : text) seen.set(static_cast<unsigned char>(c));
  return seen.count();
}

/// The length of the longest common subsequence: what two texts share, in order.
std::size_t shared_in_order(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1, 0);
  for (char c : a) {
    std::size_t diagonal = 0;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t above = row[j + 1];
      row[j + 1] = c == b[j] ? diagonal + 1 : std::max(above, row[j]);
      diagonal = above;
    }
  }
  return row.back();
}

/// Whether seven tenths of the two are the same, or little is left of the password without the
/// name. Both in lower case.
bool is_similar(const std::string& password, std::string_view name) {
  if (name.size() < kShortestName) return false;
  std::string rest = password;
  bool holds_name = false;
  for (auto at = rest.find(name); at != std::string::npos; at = rest.find(name)) {
    rest.erase(at, name.size());
    holds_name = true;
  }
  if (holds_name && rest.size() < kLeftBesideName) return true;
  return 20 * shared_in_order(password, name) >= 7 * (password.size() + name.size());
}

/// The text, and its parts between signs: "ada.lovelace" is also "ada" and "lovelace".
std::vector<std::string> names_in(std::string_view text) {
  const std::string lower = lower_case(text.substr(0, kMaxPasswordCharacters));
  std::vector<std::string> names{lower};
  std::string part;
  for (char c : lower + ".") {
    if (is_lower(c) || is_digit(c)) {
      part.push_back(c);
    } else if (!part.empty()) {
      if (part != lower) names.push_back(part);
      part.clear();
    }
  }
  return names;
}

}  // namespace

bool is_common_password(std::string_view password) {
  const std::string lower = lower_case(password);
  if (in_common_passwords(lower) || is_run(lower) || different_bytes(lower) < kFewestDifferent) {
    return true;
  }
  std::string stem = lower;
  for (std::size_t cut = 0; cut < kLongestTail && !stem.empty() && !is_lower(stem.back()); ++cut) {
    stem.pop_back();
  }
  return in_common_passwords(stem) || in_common_passwords(without_disguise(stem)) ||
         in_common_passwords(without_disguise(lower));
}

Status check_new_password(std::string_view password, std::string_view username,
                          std::string_view email) {
  if (password.size() > kMaxPasswordBytes) {
    return refuse("password_too_long", "A password has at most 200 characters.");
  }
  const auto length = utf8_length(password);
  if (!length) return refuse("password_not_text", "A password is text in UTF-8.");
  if (*length < kMinPasswordCharacters) {
    return refuse("password_too_short", "A password has at least 8 characters.");
  }
  if (*length > kMaxPasswordCharacters) {
    return refuse("password_too_long", "A password has at most 200 characters.");
  }
  if (std::all_of(password.begin(), password.end(), is_digit)) {
    return refuse("password_all_digits", "A password may not be digits alone.");
  }
  if (is_common_password(password)) {
    return refuse("password_too_common", "This password is among the first that are tried.");
  }
  const std::string lower = lower_case(password);
  auto names = names_in(username);
  for (auto& name : names_in(email.substr(0, email.find('@')))) names.push_back(std::move(name));
  names.push_back(lower_case(email.substr(0, kMaxPasswordCharacters)));
  for (const auto& name : names) {
    if (is_similar(lower, name)) {
      return refuse("password_too_similar", "This password is too like the user name or e-mail.");
    }
  }
  return {};
}

}  // namespace fl::secrets

#include "core/base/ids.hpp"

#include <algorithm>

#include "core/base/wide.hpp"

namespace fl {
namespace {
constexpr std::string_view kCrockford = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kDigits = 26;  // 130 bits: the first digit holds three
}  // namespace

std::string id_to_text(std::string_view prefix, const std::array<std::uint8_t, 16>& bytes) {
  Uint128 value = 0;
  for (auto byte : bytes) value = (value << 8) | byte;
  std::string text(kDigits, '0');
  for (std::size_t i = kDigits; i-- > 0;) {
    text[i] = kCrockford[static_cast<std::size_t>(value & 31)];
    value >>= 5;
  }
  return std::string(prefix) + "_" + text;
}

bool id_from_text(std::string_view prefix, std::string_view text,
                  std::array<std::uint8_t, 16>& bytes) {
  if (text.size() != prefix.size() + 1 + kDigits || !text.starts_with(prefix) ||
      text[prefix.size()] != '_') {
    return false;
  }
  text.remove_prefix(prefix.size() + 1);
  if (text[0] > '7') return false;
  Uint128 value = 0;
  for (char c : text) {
    const auto digit = kCrockford.find(c);
    if (digit == std::string_view::npos) return false;
    value = (value << 5) | digit;
  }
  for (std::size_t i = bytes.size(); i-- > 0;) {
    bytes[i] = static_cast<std::uint8_t>(value);
    value >>= 8;
  }
  return true;
}

ConversationId conversation_of(const AccountId& a, const AccountId& b) {
  const auto [low, high] = std::minmax(a, b);
  return derive_id<ConversationId>("conversation", low.view(), high.view());
}

}  // namespace fl

#include "core/base/money.hpp"

#include <algorithm>
#include <cstring>

#include "core/base/assert.hpp"
#include "core/base/wide.hpp"

namespace fl {

std::optional<Currency> Currency::parse(std::string_view code) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (code.size() < 3 || code.size() > 8 || !std::all_of(code.begin(), code.end(), upper)) {
    return std::nullopt;
  }
  Currency currency;
  std::memcpy(currency.code_, code.data(), code.size());
  currency.size_ = static_cast<std::uint8_t>(code.size());
  return currency;
}

std::optional<Amount> checked_add(Amount a, Amount b) {
  Amount sum;
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

std::optional<Amount> checked_sub(Amount a, Amount b) {
  Amount difference;
  if (__builtin_sub_overflow(a, b, &difference)) return std::nullopt;
  return difference;
}

Amount basis_points_of(Amount amount, std::uint32_t basis_points) {
  FL_ASSERT(amount >= 0 && basis_points <= 10'000);
  return static_cast<Amount>(static_cast<Int128>(amount) * basis_points / 10'000);
}

std::string format_money(const Money& money, unsigned decimals) {
  const bool negative = money.amount < 0;
  // Through unsigned: the lowest amount has no positive twin.
  const auto magnitude = negative ? 0 - static_cast<std::uint64_t>(money.amount)
                                  : static_cast<std::uint64_t>(money.amount);
  std::string digits = std::to_string(magnitude);
  if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
  if (decimals > 0) digits.insert(digits.size() - decimals, 1, '.');
  return (negative ? "-" : "") + digits + " " + std::string(money.currency.code());
}

std::optional<Amount> parse_amount(std::string_view text, unsigned decimals) {
  const auto point = text.find('.');
  const auto whole = text.substr(0, point);
  const auto fraction = point == std::string_view::npos ? "" : text.substr(point + 1);
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (whole.empty() || fraction.size() > decimals ||
      (point != std::string_view::npos && fraction.empty()) ||
      !std::all_of(whole.begin(), whole.end(), digit) ||
      !std::all_of(fraction.begin(), fraction.end(), digit)) {
    return std::nullopt;
  }
  std::string digits(whole);
  digits.append(fraction).append(decimals - fraction.size(), '0');
  Amount amount = 0;
  for (char c : digits) {
    if (__builtin_mul_overflow(amount, Amount{10}, &amount) ||
        __builtin_add_overflow(amount, static_cast<Amount>(c - '0'), &amount)) {
      return std::nullopt;
    }
  }
  return amount;
}

}  // namespace fl

#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fl {

/// A currency by its code: `USD`, `BTC`; 3 to 8 upper-case letters. Which ones exist, and how many
/// decimals each has, stands in Genesis.
class Currency {
 public:
  Currency() = default;
  static std::optional<Currency> parse(std::string_view code);
  std::string_view code() const { return {code_, size_}; }
  auto operator<=>(const Currency& other) const { return code() <=> other.code(); }
  bool operator==(const Currency& other) const { return code() == other.code(); }

 private:
  char code_[8] = {};
  std::uint8_t size_ = 0;
};

/// A signed count of minor units (cents, satoshi). Never a fraction, never floating point.
using Amount = std::int64_t;

struct Money {
  Amount amount = 0;
  Currency currency;
  bool operator==(const Money&) const = default;
};

/// Sums and differences, or nothing when they would overflow.
std::optional<Amount> checked_add(Amount a, Amount b);
std::optional<Amount> checked_sub(Amount a, Amount b);

/// A part of an amount in basis points (1/10,000), rounded down, for amount ≥ 0: what the platform
/// takes. The remainder stays with the other side.
Amount basis_points_of(Amount amount, std::uint32_t basis_points);

/// "12.34 USD": the amount in major units with `decimals` digits after the point.
std::string format_money(const Money& money, unsigned decimals);

/// "12.34" → 1234 with 2 decimals. Refuses signs, exponents, more digits than the currency has, and
/// what does not fit 64 bits.
std::optional<Amount> parse_amount(std::string_view text, unsigned decimals);

}  // namespace fl

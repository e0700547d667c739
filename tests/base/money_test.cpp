#include "core/base/money.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace fl;

TEST_CASE("an amount is read exactly or refused") {
  struct Row {
    const char* text;
    unsigned decimals;
    std::optional<Amount> amount;
  };
  const Row rows[] = {
      {"12.34", 2, 1234},
      {"12", 2, 1200},
      {"0.01", 2, 1},
      {"12.3", 2, 1230},
      {"1.00000001", 8, 100000001},
      {"92233720368547758.07", 2, std::numeric_limits<Amount>::max()},
      {"92233720368547758.08", 2, std::nullopt},
      {"-1", 2, std::nullopt},
      {"+1", 2, std::nullopt},
      {"1e3", 2, std::nullopt},
      {"1.234", 2, std::nullopt},
      {"", 2, std::nullopt},
      {".5", 2, std::nullopt},
      {"1.", 2, std::nullopt},
      {" 1", 2, std::nullopt},
      {"99999999999999999999", 0, std::nullopt},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    CHECK(parse_amount(row.text, row.decimals) == row.amount);
  }
}

TEST_CASE("money prints in major units, the lowest amount too") {
  const auto usd = *Currency::parse("USD");
  CHECK(format_money({5, usd}, 2) == "0.05 USD");
  CHECK(format_money({-1234, usd}, 2) == "-12.34 USD");
  CHECK(format_money({7, usd}, 0) == "7 USD");
  CHECK(format_money({std::numeric_limits<Amount>::min(), usd}, 2) == "-92233720368547758.08 USD");
}

TEST_CASE("a part in basis points is rounded down and cannot overflow") {
  CHECK(basis_points_of(999, 1000) == 99);
  CHECK(basis_points_of(1, 5000) == 0);
  CHECK(basis_points_of(std::numeric_limits<Amount>::max(), 10'000) ==
        std::numeric_limits<Amount>::max());
}

TEST_CASE("sums that overflow are nothing") {
  const auto max = std::numeric_limits<Amount>::max();
  CHECK_FALSE(checked_add(max, 1));
  CHECK_FALSE(checked_sub(std::numeric_limits<Amount>::min(), 1));
  CHECK(checked_add(max, -1) == max - 1);
}

TEST_CASE("a currency is three to eight capital letters") {
  CHECK(Currency::parse("BTC"));
  for (const char* bad : {"", "US", "usd", "US1", "ABCDEFGHI"}) CHECK_FALSE(Currency::parse(bad));
}

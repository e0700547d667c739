#include "core/owner/clock_guard.hpp"

#include <doctest/doctest.h>

using namespace fl;
using owner::ClockGuard;

namespace {
constexpr Instant kStart{1'000'000'000};
constexpr Duration kMonotonic{5'000};
}  // namespace

TEST_CASE("ledger time follows the clock, never back, and never over a jump") {
  struct Step {
    std::int64_t wall, monotonic;        ///< since the start, ms
    std::optional<std::int64_t> ledger;  ///< since the start; nothing: refused
  };
  struct Row {
    std::string name;
    std::vector<Step> steps;
  };
  const Row rows[] = {
      {"both clocks go on", {{0, 0, 0}, {1'000, 1'000, 1'000}, {90'000, 90'000, 90'000}}},
      {"an hour without commands", {{3'600'000, 3'600'000, 3'600'000}}},
      {"a step back of seconds stands still", {{10'000, 10'000, 10'000}, {5'000, 11'000, 10'000}}},
      {"a step ahead of a minute is followed", {{60'000, 0, 60'000}}},
      {"a step back of a minute is followed", {{-60'000, 0, 0}}},
      {"a jump ahead of over a minute", {{60'001, 0, std::nullopt}}},
      {"a jump back of over a minute", {{-60'001, 0, std::nullopt}}},
      {"a jump during long idleness", {{3'600'000, 3'000'000, std::nullopt}}},
      {"a jump stays refused", {{100'000, 0, std::nullopt}, {101'000, 1'000, std::nullopt}}},
      {"a jump taken back is forgiven", {{100'000, 0, std::nullopt}, {1'000, 1'000, 1'000}}},
      {"slow correction is followed",
       {{30'000, 0, 30'000}, {60'000, 0, 60'000}, {90'000, 0, 90'000}}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    ClockGuard guard(kStart, kStart, kMonotonic);
    for (const auto& step : row.steps) {
      CAPTURE(step.wall);
      const auto time =
          guard.next(kStart + Duration{step.wall}, Duration{kMonotonic.ms + step.monotonic});
      CHECK(time.has_value() == step.ledger.has_value());
      if (time && step.ledger) CHECK(*time == kStart + Duration{*step.ledger});
      if (!time) CHECK(time.error().code == "clock_jumped");
    }
  }
}

TEST_CASE("time does not go below what the ledger has seen") {
  ClockGuard guard(kStart + seconds(30), kStart, kMonotonic);
  CHECK(*guard.next(kStart + seconds(1), kMonotonic) == kStart + seconds(30));
  CHECK(*guard.next(kStart + seconds(31), kMonotonic) == kStart + seconds(31));
}

TEST_CASE("a node may start up to a minute behind the ledger, and at any time ahead") {
  CHECK(ClockGuard::check_start(kStart, kStart));
  CHECK(ClockGuard::check_start(kStart + minutes(1), kStart));
  CHECK(ClockGuard::check_start(kStart, kStart + days(900)));
  const auto behind = ClockGuard::check_start(kStart + Duration{minutes(1).ms + 1}, kStart);
  REQUIRE_FALSE(behind);
  CHECK(behind.error().code == "clock_behind");
  CHECK(behind.error().kind == ErrorClass::unavailable);
}

#include "core/owner/clock_guard.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fl::owner {

Status ClockGuard::check_start(Instant ledger_time, Instant wall) {
  if (ledger_time - wall > kClockJump) {
    return fail(
        ErrorClass::unavailable, "clock_behind", "clock",
        fmt::format("The clock shows {}, but the ledger has seen {} already: set the clock.",
                    to_rfc3339(wall), to_rfc3339(ledger_time)));
  }
  return {};
}

Result<Instant> ClockGuard::next(Instant wall, Duration monotonic) {
  const Instant expected = wall_start_ + Duration{monotonic.ms - monotonic_start_.ms};
  const auto drift = wall - expected;
  if (drift > kClockJump || drift < Duration{-kClockJump.ms}) {
    return fail(
        ErrorClass::unavailable, "clock_jumped", "clock",
        fmt::format("The clock jumped by {} s: restart the owner to confirm it.", drift.ms / 1000));
  }
  // Slow correction by a time service is followed; only what is sudden is refused.
  wall_start_ = wall;
  monotonic_start_ = monotonic;
  last_ = std::max(last_, wall);
  return last_;
}

}  // namespace fl::owner

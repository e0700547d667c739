#pragma once

#include <optional>

#include "core/base/error.hpp"
#include "core/base/time.hpp"

namespace fl::owner {

inline constexpr Duration kClockJump = minutes(1);

/// Turns what the clocks show into ledger time: never backwards, and never with a jump. A wall
/// clock that moves more than a minute away from the monotonic one has been set by somebody: until
/// an operator confirms, by a restart, nothing is decided on it, because subscriptions end and
/// signatures expire by it.
class ClockGuard {
 public:
  ClockGuard(Instant ledger_time, Instant wall, Duration monotonic)
      : last_(ledger_time), wall_start_(wall), monotonic_start_(monotonic) {}

  /// Whether a node may start at this wall time on a ledger that has seen `ledger_time`.
  static Status check_start(Instant ledger_time, Instant wall);

  /// The time of the next batch. Error: unavailable, `clock_jumped`.
  Result<Instant> next(Instant wall, Duration monotonic);

 private:
  Instant last_;
  Instant wall_start_;
  Duration monotonic_start_;
};

}  // namespace fl::owner

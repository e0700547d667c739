#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace fl::sim {

/// What a run counts, to show that the faults and the interesting paths do happen.
enum class Happened : std::size_t {
  // commands and answers
  command,
  success,
  repetition,
  refusal,
  key_reused,
  unknown,
  unavailable,
  deadline_passed,
  clock_jumped,
  read_failed,
  retried_after_unknown,
  // records
  append,
  batch_valid,
  batch_void,
  batch_of_refusals,
  fence_valid,
  fence_void,
  fence_own_but_given_up,
  pipelined,
  // of candidates
  step_down,
  two_serve,
  success_after_step_down,
  refusal_after_step_down,
  snapshot,
  refold_from_snapshot,
  // faults of the log
  dropped,
  overtook_dropped,
  duplicated,
  landed_after_recreation,
  landed_after_crash,
  report_lost,
  report_error_before_landing,
  report_error_after_landing,
  report_without_offset,
  report_before_read,
  stranger,
  stale_end,
  // faults of nodes
  crash,
  restart_from_snapshot,
  restart_from_nothing,
  paused,
  woke_up_deposed,
  several_may_try,
  none_may_try,
  clock_set,
  count,
};
inline constexpr auto kHappenings = static_cast<std::size_t>(Happened::count);

const char* to_string(Happened what);

class Coverage {
 public:
  void note(Happened what) { ++counts_[static_cast<std::size_t>(what)]; }
  std::uint64_t of(Happened what) const { return counts_[static_cast<std::size_t>(what)]; }
  void add(const Coverage& other) {
    for (std::size_t i = 0; i < kHappenings; ++i) counts_[i] += other.counts_[i];
  }
  /// A line each.
  std::string report() const;

 private:
  std::array<std::uint64_t, kHappenings> counts_{};
};

}  // namespace fl::sim

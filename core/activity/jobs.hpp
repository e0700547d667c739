#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/activity/act.hpp"

namespace fl::activity {

inline constexpr std::uint32_t kMaxJobAttempts = 3;

/// `queued`: nobody holds it now and it was never claimed; `failed`: may be claimed again;
/// `done` and `parked` are for ever.
enum class JobState : std::uint8_t { queued = 0, claimed = 1, done = 2, failed = 3, parked = 4 };
const char* to_string(JobState state);

struct JobRow {
  JobState state = JobState::queued;
  std::uint64_t token = 0;  ///< offset of the latest claim: the fencing token
  std::uint32_t attempts = 0;
  std::string worker;  ///< of the latest claim
  std::string detail;  ///< of the latest end
  std::int64_t changed_ms = 0;
  bool operator==(const JobRow&) const = default;
};

std::string encode(const JobRow& row);
std::optional<JobRow> decode_job(std::string_view bytes);

/// A job without a row is `JobRow{}`. A later claim supersedes an earlier one, whose end is then
/// stale. When `kMaxJobAttempts` claims have not brought it to an end, the next one parks it: it
/// kills its workers. The caller has put aside events whose id was seen before.
Verdict fold(JobRow& row, const Act& act, const pb::JobClaimed& body);
Verdict fold(JobRow& row, const Act& act, const pb::JobEnded& body);

}  // namespace fl::activity

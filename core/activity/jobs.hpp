#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/activity/act.hpp"

namespace fl::activity {

inline constexpr std::uint32_t kMaxJobAttempts = 3;

/// `queued`: never claimed, or given back; `failed`: may be claimed again; `done` and `parked` are
/// for ever.
enum class JobState : std::uint8_t { queued = 0, claimed = 1, done = 2, failed = 3, parked = 4 };
const char* to_string(JobState state);

struct JobRow {
  JobState state = JobState::queued;
  std::uint64_t token = 0;              ///< offset of the latest claim: the fencing token
  std::uint32_t claims = 0;             ///< ever
  std::vector<std::uint64_t> attempts;  ///< tokens of the claims that were not given back
  std::string worker;                   ///< of the latest claim
  std::string detail;                   ///< of the latest end
  std::int64_t changed_ms = 0;
  bool operator==(const JobRow&) const = default;
};

std::string encode(const JobRow& row);
std::optional<JobRow> decode_job(std::string_view bytes);

/// A job without a row is `JobRow{}`. A later claim supersedes an earlier one, whose end is then
/// stale. When `kMaxJobAttempts` claims have not brought it to an end, the next one parks it: it
/// kills its workers. A claim that is given back is no attempt, even when it was superseded: the
/// partition of a job may have moved to the next worker before the last one could say so. The
/// caller has put aside events whose id was seen before, and a claim has one end.
Verdict fold(JobRow& row, const Act& act, const pb::JobClaimed& body);
Verdict fold(JobRow& row, const Act& act, const pb::JobEnded& body);

}  // namespace fl::activity

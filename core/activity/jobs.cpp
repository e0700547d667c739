#include "core/activity/jobs.hpp"

#include "core/base/encoding.hpp"

namespace fl::activity {
namespace {

constexpr std::uint8_t kVersion = 2;

bool over(JobState state) {
  return state == JobState::done || state == JobState::parked;
}

Verdict release(JobRow& row, const Act& act, std::uint64_t token) {
  if (std::erase(row.attempts, token) == 0) return Verdict::stale;
  if (row.state == JobState::claimed && row.token == token) row.state = JobState::queued;
  row.changed_ms = act.time_ms;
  return Verdict::applied;
}

}  // namespace

const char* to_string(JobState state) {
  switch (state) {
    case JobState::queued:
      return "queued";
    case JobState::claimed:
      return "claimed";
    case JobState::done:
      return "done";
    case JobState::failed:
      return "failed";
    case JobState::parked:
      return "parked";
  }
  return "?";
}

std::string encode(const JobRow& row) {
  std::string out;
  put_u8(out, kVersion);
  put_u8(out, static_cast<std::uint8_t>(row.state));
  put_u64(out, row.token);
  put_u32(out, row.claims);
  put_u32(out, static_cast<std::uint32_t>(row.attempts.size()));
  for (const auto token : row.attempts) put_u64(out, token);
  put_bytes(out, row.worker);
  put_bytes(out, row.detail);
  put_i64(out, row.changed_ms);
  return out;
}

std::optional<JobRow> decode_job(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  const auto state = in.u8();
  JobRow row;
  row.token = in.u64();
  row.claims = in.u32();
  const auto attempts = in.u32();
  for (std::uint32_t i = 0; i < attempts && !in.failed(); ++i) row.attempts.push_back(in.u64());
  row.worker = in.bytes();
  row.detail = in.bytes();
  row.changed_ms = in.i64();
  if (!in.done() || version != kVersion || state > static_cast<std::uint8_t>(JobState::parked)) {
    return std::nullopt;
  }
  row.state = static_cast<JobState>(state);
  return row;
}

Verdict fold(JobRow& row, const Act& act, const pb::JobClaimed& body) {
  if (over(row.state)) return Verdict::ended;
  row.changed_ms = act.time_ms;
  if (row.attempts.size() >= kMaxJobAttempts) {
    row.state = JobState::parked;
    row.detail = "claimed too often without an end";
    return Verdict::applied;
  }
  row.state = JobState::claimed;
  row.token = act.offset;
  ++row.claims;
  row.attempts.push_back(act.offset);
  row.worker = body.worker();
  return Verdict::applied;
}

Verdict fold(JobRow& row, const Act& act, const pb::JobEnded& body) {
  if (over(row.state)) return Verdict::ended;
  if (body.outcome() == pb::JOB_OUTCOME_RELEASED) return release(row, act, body.token());
  if (row.state != JobState::claimed || body.token() != row.token) return Verdict::stale;
  switch (body.outcome()) {
    case pb::JOB_OUTCOME_DONE:
      row.state = JobState::done;
      break;
    case pb::JOB_OUTCOME_FAILED:
      row.state = row.attempts.size() >= kMaxJobAttempts ? JobState::parked : JobState::failed;
      break;
    case pb::JOB_OUTCOME_PARKED:
      row.state = JobState::parked;
      break;
    case pb::JOB_OUTCOME_RELEASED:  // above
    case pb::JOB_OUTCOME_UNSPECIFIED:
    case pb::JobOutcome_INT_MIN_SENTINEL_DO_NOT_USE_:
    case pb::JobOutcome_INT_MAX_SENTINEL_DO_NOT_USE_:
      return Verdict::malformed;
  }
  row.detail = body.detail();
  row.changed_ms = act.time_ms;
  return Verdict::applied;
}

}  // namespace fl::activity

#include "workers/job_runner.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>

#include "core/activity/act.hpp"

namespace fl::workers {
namespace {

constexpr std::size_t kReadRecords = 16;
constexpr std::size_t kReadBytes = 1 << 20;
constexpr auto kIdle = std::chrono::milliseconds(20);
constexpr auto kPause = std::chrono::milliseconds(500);
constexpr auto kPatience = std::chrono::seconds(10);

}  // namespace

Result<log::Offset> record(Services& services, pb::ActivityEvent event) {
  event.set_format(events::kFormat);
  event.set_time_ms(services.clock.now().ms);
  const auto partition =
      activity::partition_of(event.about(), services.log.partitions(log::Stream::activity));
  auto offset = services.activity.append_now(partition, {event.about(), events::encode(event)});
  if (!offset) return offset;
  projections::PositionToken token;
  token.set(log::Stream::activity, partition, *offset + 1);
  if (auto applied = services.runner.wait_for(token, std::chrono::steady_clock::now() + kPatience);
      !applied) {
    return fail(applied.error());
  }
  return offset;
}

JobRunner::JobRunner(Services& services, std::string group, Wants wants, Handle handle,
                     Parked parked)
    : services_(services),
      group_(std::move(group)),
      wants_(std::move(wants)),
      handle_(std::move(handle)),
      parked_(std::move(parked)) {}

void JobRunner::start() {
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void JobRunner::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void JobRunner::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    bool moved = false;
    Status status;
    for (log::PartitionIndex p = 0; status && p < services_.log.partitions(log::Stream::jobs);
         ++p) {
      status = take(p, stop, moved);
    }
    if (!status && !stop.stop_requested()) {
      spdlog::warn(fmt::format("worker {}: {} (it tries again)", group_, status.error().message));
      std::this_thread::sleep_for(kPause);
    } else if (!moved) {
      std::this_thread::sleep_for(kIdle);
    }
  }
}

Status JobRunner::take(log::PartitionIndex partition, std::stop_token stop, bool& moved) {
  auto next = services_.log.committed(group_, log::Stream::jobs, partition);
  if (!next) return fail(next.error());
  auto records = services_.log.read(log::Stream::jobs, partition, *next, kReadRecords, kReadBytes);
  if (!records) return fail(records.error());
  for (const auto& stored : *records) {
    if (stop.stop_requested()) return {};
    auto job = events::decode<pb::Job>(stored.value);
    if (!job) return fail(job.error());
    if (wants_(*job)) {
      if (auto status = work_on(*job, stop); !status) return status;
      if (stop.stop_requested()) return {};
    }
    if (auto s = services_.log.commit(group_, log::Stream::jobs, partition, stored.offset + 1);
        !s) {
      return s;
    }
    moved = true;
  }
  return {};
}

Status JobRunner::work_on(const pb::Job& job, std::stop_token stop) {
  const auto id = JobId::from_raw(job.id());
  const auto state_now = [&] { return services_.models.jobs.job(services_.store.view(), id); };
  while (!stop.stop_requested()) {
    auto row = state_now();
    if (row.state == activity::JobState::done) return {};
    if (row.state == activity::JobState::parked) {
      spdlog::error(fmt::format("worker {}: {} is parked after {} attempts: {}", group_, id.str(),
                                row.attempts, row.detail));
      return parked_(job, row.detail);
    }

    pb::ActivityEvent claim;
    claim.set_id(derive_id<EventId>("claim", id.view(),
                                    std::to_string(row.token) + "/" + std::to_string(row.attempts))
                     .raw());
    claim.set_about(job.id());
    claim.mutable_job_claimed()->set_job(job.id());
    claim.mutable_job_claimed()->set_worker(group_);
    auto token = record(services_, std::move(claim));
    if (!token) return fail(token.error());
    row = state_now();
    // Parked by this claim, or somebody claimed it after us.
    if (row.state != activity::JobState::claimed || row.token != *token) continue;

    const auto result = handle_(job, stop);
    if (stop.stop_requested() && !result.done) return {};
    pb::ActivityEvent end;
    end.set_id(derive_id<EventId>("end", id.view(), std::to_string(*token)).raw());
    end.set_about(job.id());
    auto* body = end.mutable_job_ended();
    body->set_job(job.id());
    body->set_token(*token);
    body->set_outcome(result.done ? pb::JOB_OUTCOME_DONE : pb::JOB_OUTCOME_FAILED);
    body->set_detail(result.detail);
    if (auto ended = record(services_, std::move(end)); !ended) return fail(ended.error());
    if (!result.done) {
      spdlog::warn(fmt::format("worker {}: {} failed: {}", group_, id.str(), result.detail));
      std::this_thread::sleep_for(kPause);
    }
  }
  return {};
}

}  // namespace fl::workers

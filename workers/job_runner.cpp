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

JobRunner::JobRunner(Services& services, std::string group, std::unique_ptr<log::WorkShare> share,
                     Wants wants, Handle handle, Parked parked)
    : services_(services),
      group_(std::move(group)),
      share_(std::move(share)),
      wants_(std::move(wants)),
      handle_(std::move(handle)),
      parked_(std::move(parked)) {}

void JobRunner::start() {
  share_->set_listener([this] { look(); });
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void JobRunner::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  share_->set_listener(nullptr);
  share_->stop();
}

/// The share has changed: is the job under way still ours to do?
void JobRunner::look() {
  const std::lock_guard lock(mutex_);
  if (at_work_ && !share_->holds(*at_work_)) cut_.request_stop();
}

void JobRunner::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    bool moved = false;
    Status status;
    std::erase_if(next_, [&](const auto& each) { return !share_->holds(each.first); });
    for (const auto& held : share_->assigned()) {
      if (status = take(held, stop, moved); !status) break;
    }
    if (!status && !stop.stop_requested()) {
      spdlog::warn(fmt::format("worker {}: {} (it tries again)", group_, status.error().message));
      std::this_thread::sleep_for(kPause);
    } else if (!moved) {
      std::this_thread::sleep_for(kIdle);
    }
  }
}

/// Where to go on. A group that is new, or whose position was forgotten, begins at the beginning:
/// what is done already is passed over by its rows, which takes time and harms nothing.
Result<log::Offset> JobRunner::next_of(const log::Held& held) {
  if (const auto known = next_.find(held); known != next_.end()) return known->second;
  const auto kept = share_->committed(held.stream, held.partition);
  if (!kept) return fail(kept.error());
  return next_[held] = kept->value_or(0);
}

Status JobRunner::commit(const log::Held& held, log::Offset next, bool& moved) {
  auto kept = share_->commit(held, next);
  // Another's by now: it goes on from the position that stands, and finds done what is done.
  if (!kept && kept.error().code == log::kNotHeld) return {};
  if (!kept) return kept;
  next_[held] = next;
  moved = true;
  return {};
}

Status JobRunner::take(const log::Held& held, std::stop_token stop, bool& moved) {
  const auto next = next_of(held);
  if (!next) return fail(next.error());
  if (!services_.log.wait_beyond(held.stream, held.partition, *next, {})) return {};
  auto records = services_.log.read(held.stream, held.partition, *next, kReadRecords, kReadBytes);
  if (!records) return fail(records.error());
  auto passed = *next;
  for (const auto& stored : *records) {
    auto job = events::decode<pb::Job>(stored.value);
    if (!job) return fail(job.error());
    if (wants_(*job)) {
      if (auto status = work_on(held, *job, stop); !status) return status;
      if (stop.stop_requested() || !share_->holds(held)) return {};
      if (auto kept = commit(held, stored.offset + 1, moved); !kept) return kept;
    }
    passed = stored.offset + 1;
  }
  return next_[held] == passed ? Status{} : commit(held, passed, moved);
}

Result<log::Offset> JobRunner::claim(const JobId& id, const activity::JobRow& row) {
  const auto worker = services_.node + "/" + group_;
  pb::ActivityEvent event;
  // Two that claim at once, each believing that the partition is its own, must not share an id: the
  // second claim would be void, and it may be that of the one who does hold the partition. The id
  // says what the claim was decided on, so that the same claim, appended twice, is one.
  event.set_id(
      derive_id<EventId>("claim", id.view(), worker + "/" + std::to_string(row.claims)).raw());
  event.set_about(id.raw());
  event.mutable_job_claimed()->set_job(id.raw());
  event.mutable_job_claimed()->set_worker(worker);
  return record(services_, std::move(event));
}

Status JobRunner::end(const JobId& id, log::Offset token, pb::JobOutcome outcome,
                      const std::string& detail) {
  pb::ActivityEvent event;
  event.set_id(derive_id<EventId>("end", id.view(), std::to_string(token)).raw());
  event.set_about(id.raw());
  auto* body = event.mutable_job_ended();
  body->set_job(id.raw());
  body->set_token(token);
  body->set_outcome(outcome);
  body->set_detail(detail);
  auto ended = record(services_, std::move(event));
  return ended ? Status{} : Status(fail(ended.error()));
}

Status JobRunner::work_on(const log::Held& held, const pb::Job& job, std::stop_token stop) {
  const auto id = JobId::from_raw(job.id());
  const auto state_now = [&] { return services_.models.jobs.job(services_.store.view(), id); };
  while (!stop.stop_requested() && share_->holds(held)) {
    auto row = state_now();
    if (row.state == activity::JobState::done) return {};
    if (row.state == activity::JobState::parked) {
      spdlog::error(fmt::format("worker {}: {} is parked after {} attempts: {}", group_, id.str(),
                                row.attempts.size(), row.detail));
      return parked_(job, row.detail);
    }
    const auto token = claim(id, row);
    if (!token) return fail(token.error());
    row = state_now();
    if (row.state != activity::JobState::claimed) continue;  // done meanwhile, or parked by this
    if (row.token != *token) {
      // Somebody claimed it after us, who has lost the partition and does not know, or to whom it
      // went. Two that outbid each other must not use up the attempts.
      if (auto back = end(id, *token, pb::JOB_OUTCOME_RELEASED, "claimed by another"); !back)
        return back;
      std::this_thread::sleep_for(kPause);
      continue;
    }
    if (auto status = attempt(held, job, *token, stop); !status) return status;
  }
  return {};
}

Status JobRunner::attempt(const log::Held& held, const pb::Job& job, log::Offset token,
                          std::stop_token stop) {
  const auto id = JobId::from_raw(job.id());
  std::stop_token cut;
  {
    const std::lock_guard lock(mutex_);
    at_work_ = held;
    cut_ = std::stop_source();
    cut = cut_.get_token();
  }
  look();
  JobResult result;
  {
    const std::stop_callback stopped(stop, [this] {
      const std::lock_guard lock(mutex_);
      cut_.request_stop();
    });
    if (!cut.stop_requested()) result = handle_(job, cut);
  }
  {
    const std::lock_guard lock(mutex_);
    at_work_.reset();
  }
  if (result.done) return end(id, token, pb::JOB_OUTCOME_DONE, result.detail);
  if (cut.stop_requested()) {
    spdlog::info(fmt::format("worker {}: {} is given back", group_, id.str()));
    return end(id, token, pb::JOB_OUTCOME_RELEASED, result.detail);
  }
  if (auto ended = end(id, token, pb::JOB_OUTCOME_FAILED, result.detail); !ended) return ended;
  spdlog::warn(fmt::format("worker {}: {} failed: {}", group_, id.str(), result.detail));
  std::this_thread::sleep_for(kPause);
  return {};
}

}  // namespace fl::workers

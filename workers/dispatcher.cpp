#include "workers/dispatcher.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <iterator>

#include "core/activity/act.hpp"
#include "projections/chain_reader.hpp"
#include "workers/notices.hpp"

namespace fl::workers {
namespace {

constexpr std::size_t kReadRecords = 256;
constexpr std::size_t kReadBytes = 8 << 20;
constexpr auto kIdle = std::chrono::milliseconds(20);
constexpr auto kPatience = std::chrono::seconds(10);
constexpr auto kPause = std::chrono::milliseconds(500);
constexpr auto kCommitEvery = std::chrono::seconds(1);
constexpr auto kAskEvery = std::chrono::seconds(1);

}  // namespace

JobId process_media_job(const MediaId& media) {
  return derive_id<JobId>("job", "process_media", media.view());
}
JobId send_mail_job(const NoticeId& notice) {
  return derive_id<JobId>("job", "send_mail", notice.view());
}

void Dispatcher::start() {
  position_ = DispatcherPosition::load(services_.position_file,
                                       services_.log.partitions(log::Stream::activity));
  thread_ = std::jthread([this](std::stop_token stop) { run(stop); });
}

void Dispatcher::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
  share_->stop();
}

void Dispatcher::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    bool moved = false;
    auto status = dispatch(moved);
    if (status && moved) status = position_.save(services_.position_file);
    if (status) status = commit(false);
    if (!status) {
      if (stop.stop_requested()) break;
      spdlog::warn(fmt::format("dispatcher: {} (it tries again)", status.error().message));
      std::this_thread::sleep_for(kPause);
    } else if (!moved) {
      std::this_thread::sleep_for(kIdle);
    }
  }
  // Who takes over has nothing to repeat then; without it, it repeats.
  static_cast<void>(commit(true));
}

Status Dispatcher::dispatch(bool& moved) {
  const auto assigned = share_->assigned();
  std::erase_if(courses_, [&](const auto& each) { return !share_->holds(each.first); });
  const log::Held* ledger = nullptr;
  for (const auto& held : assigned)
    if (held.stream == log::Stream::ledger) ledger = &held;
  if (auto status = follow_ledger(ledger, moved); !status) return status;
  for (const auto& held : assigned) {
    if (held.stream != log::Stream::activity) continue;
    if (auto status = follow_activity(held, moved); !status) return status;
  }
  return {};
}

/// The course of a partition that is ours. When the group has no position, since it is new or
/// Kafka has forgotten it (it does, `offsets.retention.minutes` after the last member left), that
/// of this node's file, or the beginning: slow, and harmless by the ids.
Result<Dispatcher::Course*> Dispatcher::course_of(const log::Held& held, log::Offset otherwise) {
  if (const auto known = courses_.find(held); known != courses_.end()) return &known->second;
  const auto kept = share_->committed(held.stream, held.partition);
  if (!kept) return fail(kept.error());
  const auto from = kept->value_or(otherwise);
  return &(courses_[held] = {from, kept->value_or(0)});
}

/// Now and then, for a commit costs a sync, or a request: what a crash makes the next one repeat is
/// what this one did in the meantime.
Status Dispatcher::commit(bool now) {
  const auto moment = std::chrono::steady_clock::now();
  if (!now && moment - committed_at_ < kCommitEvery) return {};
  committed_at_ = moment;
  for (auto& [held, course] : courses_) {
    if (course.committed == course.next) continue;
    auto kept = share_->commit(held, course.next);
    if (!kept && kept.error().code == log::kNotHeld) continue;  // another's: it goes on from there
    if (!kept) return kept;
    course.committed = course.next;
  }
  return {};
}

/// Whether a record of the ledger is valid follows from all before it, so every node follows the
/// chain, whoever dispatches: up to where the group is, and never beyond, for a takeover begins
/// there and a chain does not go back.
Result<log::Offset> Dispatcher::end_of_chain_to_follow() {
  const auto now = std::chrono::steady_clock::now();
  if (asked_at_ != Moment{} && now - asked_at_ < kAskEvery) return asked_;
  const auto kept = share_->committed(log::Stream::ledger, 0);
  if (!kept) return fail(kept.error());
  asked_at_ = now;
  return asked_ = kept->value_or(0);
}

Status Dispatcher::follow_ledger(const log::Held* held, bool& moved) {
  Course* course = nullptr;
  log::Offset until = ~log::Offset{0};
  if (held) {
    const auto found = course_of(*held, position_.ledger);
    if (!found) return fail(found.error());
    course = *found;
    if (course->next < position_.ledger) {  // the group went back, or forgot: from the beginning
      position_.ledger = 0;
      position_.chain.clear();
    }
  } else {
    const auto end = end_of_chain_to_follow();
    if (!end) return fail(end.error());
    until = *end;
  }
  const auto from = position_.ledger;
  if (from >= until || !services_.log.wait_beyond(log::Stream::ledger, 0, from, {})) return {};
  auto records = services_.log.read(log::Stream::ledger, 0, from, kReadRecords, kReadBytes);
  if (!records) return fail(records.error());
  auto reader = projections::open_chain_reader(position_.chain);
  if (!reader) return fail(reader.error());
  std::vector<projections::LedgerEventAt> ours;
  auto next = from;
  for (const auto& record : *records) {
    if (record.offset >= until) break;
    auto events = (*reader)->read(record.offset, record.value);
    if (!events) return fail(events.error());
    next = record.offset + 1;
    if (course && record.offset >= course->next)
      std::ranges::move(*events, std::back_inserter(ours));
  }
  if (next == from) return {};
  if (course && next > course->next) {
    if (auto status = await_applied(*held, next); !status) return status;
    if (auto status = tell_of(ours); !status) return status;
    course->next = next;
  }
  position_.ledger = next;
  position_.chain = (*reader)->state();
  moved = true;
  return {};
}

Status Dispatcher::tell_of(const std::vector<projections::LedgerEventAt>& events) {
  const auto view = services_.store.view();
  std::vector<pb::ActivityEvent> notices;
  for (const auto& at : events)
    if (auto notice = notice_of(at, services_.models, view)) notices.push_back(*notice);
  return tell(std::move(notices));
}

Status Dispatcher::await_applied(const log::Held& held, log::Offset end) {
  projections::PositionToken token;
  token.set(held.stream, held.partition, end);
  return services_.runner.wait_for(token, std::chrono::steady_clock::now() + kPatience);
}

Status Dispatcher::follow_activity(const log::Held& held, bool& moved) {
  auto& dispatched = position_.activity[held.partition];
  const auto found = course_of(held, dispatched);
  if (!found) return fail(found.error());
  auto& next = (*found)->next;
  if (!services_.log.wait_beyond(held.stream, held.partition, next, {})) return {};
  auto records = services_.log.read(held.stream, held.partition, next, kReadRecords, kReadBytes);
  if (!records) return fail(records.error());
  if (records->empty()) return {};
  const auto end = records->back().offset + 1;
  if (auto status = await_applied(held, end); !status) return status;
  const auto view = services_.store.view();
  std::vector<pb::ActivityEvent> notices;
  for (const auto& record : *records) {
    auto event = activity::decode(record.value);
    if (!event) return fail(event.error());
    const projections::ActivityEventAt at{held.partition, record.offset, std::move(*event)};
    if (auto notice = notice_of(at, services_.models, view)) notices.push_back(*notice);
    if (auto status = dispatch_activity(at); !status) return status;
  }
  if (auto status = tell(std::move(notices)); !status) return status;
  dispatched = next = end;
  moved = true;
  return {};
}

Status Dispatcher::dispatch_activity(const projections::ActivityEventAt& at) {
  if (at.event.has_upload_chunk()) {
    const auto media = MediaId::from_raw(at.event.upload_chunk().media());
    const auto upload = services_.models.uploads.upload(services_.store.view(), media);
    if (!upload || !upload->complete() || upload->ended()) return {};
    pb::Job job;
    job.set_id(process_media_job(media).raw());
    job.mutable_process_media()->set_media(media.raw());
    job.mutable_process_media()->set_owner(upload->owner.raw());
    return enqueue(job);
  }
  if (at.event.has_noticed() && mailed(at.event.noticed().kind())) {
    const auto notice = NoticeId::from_raw(at.event.noticed().notice());
    pb::Job job;
    job.set_id(send_mail_job(notice).raw());
    job.mutable_send_mail()->set_account(at.event.about());
    job.mutable_send_mail()->set_notice(notice.raw());
    return enqueue(job);
  }
  return {};
}

Status Dispatcher::tell(std::vector<pb::ActivityEvent> notices) {
  const auto partitions = services_.log.partitions(log::Stream::activity);
  // All at once, for what is queued together shares a sync: one by one, a burst of payments would
  // be told of long after it.
  std::vector<std::promise<Result<log::Offset>>> replies(notices.size());
  for (std::size_t i = 0; i < notices.size(); ++i) {
    auto& notice = notices[i];
    notice.set_format(events::kFormat);
    notice.set_time_ms(services_.clock.now().ms);
    services_.activity.append(
        activity::partition_of(notice.about(), partitions),
        {notice.about(), events::encode(notice)},
        [&reply = replies[i]](Result<log::Offset> offset) { reply.set_value(std::move(offset)); });
  }
  Status told;
  for (auto& reply : replies) {
    const auto offset = reply.get_future().get();
    if (!offset && told) told = fail(offset.error());
  }
  return told;
}

Status Dispatcher::enqueue(const pb::Job& job) {
  pb::Job stored = job;
  stored.set_format(events::kFormat);
  const auto partition =
      activity::partition_of(job.id(), services_.log.partitions(log::Stream::jobs));
  const log::NewRecord record{job.id(), events::encode(stored)};
  auto offset = services_.log.append(log::Stream::jobs, partition, {&record, 1});
  return offset ? Status{} : Status(fail(offset.error()));
}

}  // namespace fl::workers

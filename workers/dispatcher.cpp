#include "workers/dispatcher.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>

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
}

void Dispatcher::run(std::stop_token stop) {
  while (!stop.stop_requested()) {
    bool moved = false;
    auto status = follow_ledger(moved);
    for (log::PartitionIndex p = 0; status && p < position_.activity.size(); ++p) {
      status = follow_activity(p, moved);
    }
    if (status && moved) status = position_.save(services_.position_file);
    if (!status) {
      if (stop.stop_requested()) return;
      spdlog::warn(fmt::format("dispatcher: {} (it tries again)", status.error().message));
      std::this_thread::sleep_for(kPause);
    } else if (!moved) {
      std::this_thread::sleep_for(kIdle);
    }
  }
}

Status Dispatcher::follow_ledger(bool& moved) {
  auto records =
      services_.log.read(log::Stream::ledger, 0, position_.ledger, kReadRecords, kReadBytes);
  if (!records) return fail(records.error());
  if (records->empty()) return {};
  const auto last = records->back().offset;
  projections::PositionToken token;
  token.set(log::Stream::ledger, 0, last + 1);
  if (auto s = services_.runner.wait_for(token, std::chrono::steady_clock::now() + kPatience); !s) {
    return s;
  }
  auto reader = projections::open_chain_reader(position_.chain);
  if (!reader) return fail(reader.error());
  const auto view = services_.store.view();
  std::vector<pb::ActivityEvent> notices;
  for (const auto& record : *records) {
    auto events = (*reader)->read(record.offset, record.value);
    if (!events) return fail(events.error());
    for (const auto& at : *events) {
      if (auto notice = notice_of(at, services_.models, view)) notices.push_back(*notice);
    }
  }
  if (auto status = tell(std::move(notices)); !status) return status;
  position_.ledger = last + 1;
  position_.chain = (*reader)->state();
  moved = true;
  return {};
}

Status Dispatcher::follow_activity(log::PartitionIndex partition, bool& moved) {
  auto& next = position_.activity[partition];
  auto records =
      services_.log.read(log::Stream::activity, partition, next, kReadRecords, kReadBytes);
  if (!records) return fail(records.error());
  if (records->empty()) return {};
  projections::PositionToken token;
  token.set(log::Stream::activity, partition, records->back().offset + 1);
  if (auto s = services_.runner.wait_for(token, std::chrono::steady_clock::now() + kPatience); !s) {
    return s;
  }
  const auto view = services_.store.view();
  std::vector<pb::ActivityEvent> notices;
  for (const auto& record : *records) {
    auto event = activity::decode(record.value);
    if (!event) return fail(event.error());
    const projections::ActivityEventAt at{partition, record.offset, std::move(*event)};
    if (auto notice = notice_of(at, services_.models, view)) notices.push_back(*notice);
    if (auto status = dispatch_activity(at); !status) return status;
  }
  if (auto status = tell(std::move(notices)); !status) return status;
  next = records->back().offset + 1;
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
  for (auto& notice : notices) {
    notice.set_format(events::kFormat);
    notice.set_time_ms(services_.clock.now().ms);
    auto offset = services_.activity.append_now(activity::partition_of(notice.about(), partitions),
                                                {notice.about(), events::encode(notice)});
    if (!offset) return fail(offset.error());
  }
  return {};
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

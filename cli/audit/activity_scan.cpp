#include "cli/audit/activity_scan.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fl::cli {
namespace {

using Kind = RightsCheck::Kind;

constexpr std::size_t kReadRecords = 4096;
constexpr std::size_t kReadBytes = 8 << 20;
constexpr std::string_view kHeadDomain = "fanledger activity head v1";

std::string kind_name(const pb::ActivityEvent& event) {
  const auto* field = pb::ActivityEvent::descriptor()->FindFieldByNumber(event.body_case());
  return field == nullptr ? "none" : field->name();
}

}  // namespace

ActivityScan::ActivityScan(log::LogReader& log, Findings& findings, Progress& progress)
    : log_(log), findings_(findings), progress_(progress) {
  const auto count = log.partitions(log::Stream::activity);
  for (std::uint32_t i = 0; i < count; ++i) partitions_.push_back({i, 0, 0, {}});
}

Result<std::vector<RightsCheck>> ActivityScan::next(std::size_t most) {
  std::vector<RightsCheck> checks;
  while (current_ < partitions_.size() && checks.size() < most) {
    if (auto status = read_some(checks); !status) return fail(status.error());
  }
  std::sort(checks.begin(), checks.end(), [](const RightsCheck& a, const RightsCheck& b) {
    return std::tie(a.checked_at, a.partition, a.offset) <
           std::tie(b.checked_at, b.partition, b.offset);
  });
  return checks;
}

void ActivityScan::next_partition() {
  ++current_;
  next_offset_ = 0;
  comments_.clear();
  written_.clear();
}

Status ActivityScan::read_some(std::vector<RightsCheck>& checks) {
  auto& partition = partitions_[current_];
  auto end = log_.end(log::Stream::activity, partition.partition);
  if (!end) return fail(end.error());
  partition.end = *end;
  if (next_offset_ >= *end) {
    next_partition();
    return {};
  }
  auto records =
      log_.read(log::Stream::activity, partition.partition, next_offset_, kReadRecords, kReadBytes);
  if (!records && records.error().code != log::kLogDamaged) return fail(records.error());
  if (!records || records->empty()) {
    findings_.add(
        activity_finding(log::kLogDamaged, partition.partition, next_offset_,
                         records ? "A record is missing in the middle." : records.error().message));
    next_partition();
    return {};
  }
  for (const auto& record : *records) {
    if (!take(record, checks)) {
      next_partition();
      return {};
    }
  }
  progress_.at(fmt::format("activity/{}", partition.partition), next_offset_, *end);
  return {};
}

bool ActivityScan::take(const log::Record& record, std::vector<RightsCheck>& checks) {
  auto& partition = partitions_[current_];
  const auto add = [&](std::string code, std::string detail) {
    findings_.add(
        activity_finding(std::move(code), partition.partition, record.offset, std::move(detail)));
  };
  if (record.offset != next_offset_) {
    add("offset_gap", fmt::format("Offset {} is next.", next_offset_));
    return false;
  }
  partition.head = sha256({kHeadDomain, partition.head.view(), record.value});
  ++partition.records;
  ++next_offset_;
  auto event = activity::decode(record.value);
  if (!event) {
    add(event.error().code,
        event.error().message + " Every reader stops here: nothing after it was checked.");
    return false;
  }
  ++events_[kind_name(*event)];
  const auto partitions = static_cast<std::uint32_t>(partitions_.size());
  if (!activity::well_formed(*event) ||
      activity::partition_of(event->about(), partitions) != partition.partition) {
    add("activity_misfiled",
        "An id has a wrong size, or the event stands under a subject or in a partition that is not "
        "its own: no node admits it.");
    return true;
  }
  // What the platform itself says (of jobs, notices, ends) rests on no right of a person.
  if (!event->actor().empty()) checks.push_back(check_of(*event, record.offset));
  return true;
}

RightsCheck ActivityScan::check_of(const pb::ActivityEvent& event, std::uint64_t offset) {
  RightsCheck check;
  check.checked_at = event.checked_at();
  check.offset = offset;
  check.time_ms = event.time_ms();
  check.partition = partitions_[current_].partition;
  check.actor = AccountId::from_raw(event.actor());
  check.about = PostId::from_raw(event.about()).bytes;
  const auto comment_key = [](const auto& body) {
    return ledger::pair_key(PostId::from_raw(body.post()), CommentId::from_raw(body.comment()));
  };
  switch (event.body_case()) {
    case pb::ActivityEvent::kLiked:
      check.kind = Kind::like;
      break;
    case pb::ActivityEvent::kUnliked:
      check.kind = Kind::unlike;
      break;
    case pb::ActivityEvent::kCommented:
      check.kind = Kind::comment;
      comments_.try_emplace(comment_key(event.commented()), check.actor);
      break;
    case pb::ActivityEvent::kCommentDeleted: {
      const auto found = comments_.find(comment_key(event.comment_deleted()));
      // Of no comment it is void for every reader, and takes nothing from anybody.
      if (found == comments_.end()) break;
      check.kind = Kind::uncomment;
      check.comment_author = found->second;
      break;
    }
    case pb::ActivityEvent::kMessageSent: {
      const auto to = AccountId::from_raw(event.message_sent().to());
      check.kind = Kind::message;
      check.about = to.bytes;
      check.to_has_written = written_.contains(ledger::pair_key(to, check.actor));
      written_.try_emplace(ledger::pair_key(check.actor, to), true);
      break;
    }
    case pb::ActivityEvent::kUploadStarted:
    case pb::ActivityEvent::kUploadChunk:
    case pb::ActivityEvent::kUploadEnded:
    case pb::ActivityEvent::kJobClaimed:
    case pb::ActivityEvent::kJobEnded:
    case pb::ActivityEvent::kNoticed:
    case pb::ActivityEvent::kNoticesRead:
    case pb::ActivityEvent::BODY_NOT_SET:
      break;
  }
  return check;
}

}  // namespace fl::cli

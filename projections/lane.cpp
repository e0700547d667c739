#include "projections/lane.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/activity/act.hpp"
#include "core/base/assert.hpp"

namespace fl::projections {
namespace {

constexpr std::size_t kRecordsARead = 1024;

Failure gap(log::Stream stream, log::PartitionIndex partition, log::Offset wanted,
            log::Offset found) {
  return fail(ErrorClass::unavailable, "log_gap", "",
              fmt::format("Record {} of {} {} is missing: {} came.", wanted,
                          stream == log::Stream::ledger ? "ledger" : "activity", partition, found));
}

}  // namespace

Result<Lane> Lane::open(Store& store, std::vector<Projection*> projections, Progress progress,
                        const OpenLedgerReader& open_reader) {
  Lane lane(store);
  auto reader = open_reader(progress.ledger_state);
  if (!reader) return fail(reader.error());
  lane.reader_ = *std::move(reader);
  lane.progress_ = std::move(progress);
  for (auto* projection : projections) lane.add(*projection);
  return lane;
}

void Lane::add(Projection& projection) {
  projections_.push_back(&projection);
  transactions_.push_back(std::make_unique<Txn>(*store_, projection.name()));
}

void Lane::join(Lane&& other) {
  FL_ASSERT(progress_ == other.progress_);
  for (auto* projection : other.projections_) add(*projection);
  other.projections_.clear();
  other.transactions_.clear();
}

Result<std::size_t> Lane::bite(const ReadBounded& read, const BiteLimits& limits,
                               const std::optional<Progress>& up_to) {
  Bite bite;
  const auto before = progress_.token();
  const auto cap = [](bool bounded, log::Offset offset) {
    return bounded ? std::optional(offset) : std::nullopt;
  };
  auto status = read_partition(read, limits, log::Stream::ledger, 0,
                               cap(up_to.has_value(), up_to ? up_to->ledger : 0), bite);
  if (!status) return fail(status.error());
  for (std::size_t i = 0; i < progress_.activity.size(); ++i) {
    status =
        read_partition(read, limits, log::Stream::activity, static_cast<log::PartitionIndex>(i),
                       cap(up_to.has_value(), up_to ? up_to->activity.at(i) : 0), bite);
    if (!status) return fail(status.error());
  }
  if (progress_.token() == before) return std::size_t{0};
  status = commit();
  if (!status) return fail(status.error());
  // A record may hold no event at all, and is progress still.
  return std::max<std::size_t>(bite.events, 1);
}

Status Lane::read_partition(const ReadBounded& read, const BiteLimits& limits, log::Stream stream,
                            log::PartitionIndex partition, std::optional<log::Offset> up_to,
                            Bite& bite) {
  auto& next = stream == log::Stream::ledger ? progress_.ledger : progress_.activity[partition];
  const Bite start = bite;
  while (bite.events - start.events < limits.events && bite.bytes - start.bytes < limits.bytes) {
    auto count = std::min(limits.events - (bite.events - start.events), kRecordsARead);
    if (up_to) count = static_cast<std::size_t>(std::min<log::Offset>(count, *up_to - next));
    if (count == 0) break;
    auto records = read(stream, partition, next, count, limits.bytes - (bite.bytes - start.bytes));
    if (!records) return fail(records.error());
    if (records->empty()) break;
    for (const auto& record : *records) {
      if (up_to && record.offset >= *up_to) return {};
      // Only the ledger is dense.
      const bool missing =
          stream == log::Stream::ledger ? record.offset != next : record.offset < next;
      if (missing) return gap(stream, partition, next, record.offset);
      auto status = stream == log::Stream::ledger ? apply_ledger(record, bite)
                                                  : apply_activity(partition, record, bite);
      if (!status) return status;
      next = record.offset + 1;
      bite.bytes += record.value.size();
      if (bite.events - start.events >= limits.events) break;
    }
  }
  return {};
}

Status Lane::apply_ledger(const log::Record& record, Bite& bite) {
  auto events = reader_->read(record.offset, record.value);
  if (!events) return fail(events.error());
  ++ledger_records_;
  bite.events += std::max<std::size_t>(events->size(), 1);
  for (std::size_t i = 0; i < projections_.size(); ++i) {
    for (const auto& event : *events) {
      if (auto status = projections_[i]->apply(*transactions_[i], event); !status) return status;
    }
  }
  return {};
}

Status Lane::apply_activity(log::PartitionIndex partition, const log::Record& record, Bite& bite) {
  auto event = activity::decode(record.value);
  if (!event) {
    auto error = event.error();
    error.message += fmt::format(" (activity {}, offset {})", partition, record.offset);
    return fail(std::move(error));
  }
  ++activity_records_;
  ++bite.events;
  const ActivityEventAt at{partition, record.offset, *std::move(event)};
  for (std::size_t i = 0; i < projections_.size(); ++i) {
    if (auto status = projections_[i]->apply(*transactions_[i], at); !status) return status;
  }
  return {};
}

Status Lane::commit() {
  progress_.ledger_state = reader_->state();
  std::vector<Txn*> all;
  for (std::size_t i = 0; i < projections_.size(); ++i) {
    transactions_[i]->put_position(encode({projections_[i]->version(), progress_}));
    all.push_back(transactions_[i].get());
  }
  return store_->commit(all);
}

}  // namespace fl::projections

#include "core/log/kafka_recent.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/log/crc32c.hpp"

namespace fl::log::kafka {

namespace {
std::size_t size_of(const Record& record) {
  return sizeof(Record) + record.key.size() + record.value.size();
}
}  // namespace

std::uint32_t crc_of(const Record& record) {
  return crc32c(record.value, crc32c(record.key));
}

Status RecentRecords::add(const Position& at, Record record) {
  const std::lock_guard lock(mutex_);
  if (record.offset < next_) return {};  // fetched anew after a disturbance
  if (record.offset > next_ && !sparse_)
    return damaged({at.stream, at.partition, next_},
                   fmt::format("the record is missing, {} comes instead", record.offset));
  last_ = Witness{record.offset, crc_of(record)};
  if (!trusted_) trusted_ = last_;
  next_ = record.offset + 1;
  if (sparse_) {
    const auto [before, is_new] = latest_.try_emplace(record.key, record.offset);
    if (!is_new) {
      drop(at_or_above(before->second));
      latest_[record.key] = record.offset;
    }
  }
  bytes_ += size_of(record);
  records_.push_back(std::move(record));
  while (bytes_ > max_bytes_) {
    base_ = records_.front().offset + 1;
    drop(records_.begin());
  }
  came_.notify_all();
  return {};
}

std::deque<Record>::iterator RecentRecords::at_or_above(Offset offset) {
  return std::lower_bound(
      records_.begin(), records_.end(), offset,
      [](const Record& record, Offset wanted) { return record.offset < wanted; });
}

void RecentRecords::drop(std::deque<Record>::iterator record) {
  bytes_ -= size_of(*record);
  if (sparse_) latest_.erase(record->key);
  records_.erase(record);
}

void RecentRecords::reach(Offset next) {
  const std::lock_guard lock(mutex_);
  if (!sparse_ || next <= next_) return;
  next_ = next;
  came_.notify_all();
}

std::optional<std::vector<Record>> RecentRecords::read(Offset from, Offset end,
                                                       std::size_t max_records,
                                                       std::size_t max_bytes, Deadline deadline) {
  std::unique_lock lock(mutex_);
  const Offset target = end - from > max_records ? from + max_records : end;
  came_.wait_until(lock, deadline, [&] { return stopped_ || from < base_ || next_ >= target; });
  if (from < base_) return std::nullopt;
  auto it = at_or_above(from);
  std::vector<Record> out;
  std::size_t bytes = 0;
  for (; it != records_.end() && out.size() < max_records && (out.empty() || bytes < max_bytes);
       ++it) {
    bytes += it->key.size() + it->value.size();
    out.push_back(*it);
  }
  return out;
}

Offset RecentRecords::base() const {
  const std::lock_guard lock(mutex_);
  return base_;
}

Offset RecentRecords::next() const {
  const std::lock_guard lock(mutex_);
  return next_;
}

void RecentRecords::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  came_.notify_all();
}

std::vector<RecentRecords::Witness> RecentRecords::witnesses() const {
  const std::lock_guard lock(mutex_);
  std::vector<Witness> out;
  if (trusted_) out.push_back(*trusted_);
  if (last_ && last_->offset != trusted_->offset) out.push_back(*last_);
  return out;
}

void RecentRecords::trust(const Witness& witness) {
  const std::lock_guard lock(mutex_);
  trusted_ = witness;
}

}  // namespace fl::log::kafka

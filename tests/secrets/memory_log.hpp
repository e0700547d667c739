#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/log/log.hpp"

/// A log in memory with the stream `secrets` alone, to look at and to break.
class MemoryLog final : public fl::log::Log {
 public:
  explicit MemoryLog(fl::log::PartitionIndex partitions = 1)
      : configs_{{fl::log::Stream::ledger, partitions, false},
                 {fl::log::Stream::activity, partitions, false},
                 {fl::log::Stream::jobs, partitions, false},
                 {fl::log::Stream::secrets, partitions, true}},
        records_(partitions) {}

  bool refuse_appends = false;
  std::size_t appends = 0;
  std::atomic<std::size_t> waits = 0;  ///< that have ended

  /// What compaction leaves: of each key the latest record, and no deletions.
  void compact() {
    const std::lock_guard lock(mutex_);
    for (auto& part : records_) {
      std::vector<fl::log::Record> kept;
      std::set<std::string> seen;
      for (auto it = part.kept.rbegin(); it != part.kept.rend(); ++it) {
        if (seen.insert(it->key).second && !it->value.empty()) kept.insert(kept.begin(), *it);
      }
      part.kept = std::move(kept);
    }
  }
  /// Every byte that the log holds.
  std::string everything() const {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& part : records_) {
      for (const auto& record : part.kept) all += record.key + record.value;
    }
    return all;
  }

  const std::vector<fl::log::StreamConfig>& streams() const override { return configs_; }
  fl::Result<fl::log::Offset> append(fl::log::Stream, fl::log::PartitionIndex partition,
                                     std::span<const fl::log::NewRecord> records) override {
    const std::lock_guard lock(mutex_);
    if (refuse_appends) return fl::fail(fl::ErrorClass::unavailable, "broken", "", "Broken.");
    ++appends;
    auto& part = records_.at(partition);
    const auto first = part.end;
    for (const auto& record : records) part.kept.push_back({part.end++, record.key, record.value});
    changed_.notify_all();
    return first;
  }
  fl::Result<std::vector<fl::log::Record>> read(fl::log::Stream, fl::log::PartitionIndex partition,
                                                fl::log::Offset from, std::size_t max_records,
                                                std::size_t) override {
    const std::lock_guard lock(mutex_);
    std::vector<fl::log::Record> found;
    for (const auto& record : records_.at(partition).kept) {
      if (record.offset >= from && found.size() < max_records) found.push_back(record);
    }
    return found;
  }
  fl::Result<fl::log::Offset> end(fl::log::Stream, fl::log::PartitionIndex partition) override {
    const std::lock_guard lock(mutex_);
    return records_.at(partition).end;
  }
  bool wait_beyond(fl::log::Stream, fl::log::PartitionIndex partition, fl::log::Offset offset,
                   std::chrono::milliseconds at_most) override {
    std::unique_lock lock(mutex_);
    const auto& part = records_.at(partition);
    changed_.wait_for(lock, at_most, [&] { return stopped_ || part.end > offset; });
    ++waits;
    return part.end > offset;
  }
  void set_listener(Listener) override {}
  void stop_waiting() override {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }
  fl::Result<fl::log::Offset> committed(std::string_view, fl::log::Stream,
                                        fl::log::PartitionIndex) override {
    return fl::log::Offset{0};
  }
  fl::Status commit(std::string_view, fl::log::Stream, fl::log::PartitionIndex,
                    fl::log::Offset) override {
    return {};
  }

 private:
  struct Partition {
    std::vector<fl::log::Record> kept;
    fl::log::Offset end = 0;
  };
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  const std::vector<fl::log::StreamConfig> configs_;
  std::vector<Partition> records_;
  bool stopped_ = false;
};

#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/log/log.hpp"

namespace fl::tests {

/// The log in memory: the whole port, thread-safe, for tests that need no disk. Append can be made
/// to fail, as a disk would, and a stored record to be lost.
class MemoryLog : public log::Log {
 public:
  explicit MemoryLog(log::PartitionIndex activity_partitions = 4,
                     log::PartitionIndex job_partitions = 1)
      : configs_{{log::Stream::ledger, 1, false},
                 {log::Stream::activity, activity_partitions, false},
                 {log::Stream::jobs, job_partitions, false},
                 {log::Stream::secrets, 1, true}} {}

  const std::vector<log::StreamConfig>& streams() const override { return configs_; }

  Result<log::Offset> append(log::Stream stream, log::PartitionIndex partition,
                             std::span<const log::NewRecord> records) override {
    log::Offset first = 0;
    log::Offset end = 0;
    Listener listener;
    {
      const std::scoped_lock lock(mutex_);
      if (partition >= partitions(stream)) return malformed("log_no_partition");
      for (const auto& record : records) {
        if (record.value.size() > log::kMaxRecordBytes) return malformed("log_record_too_large");
      }
      if (broken_) {
        return fail(ErrorClass::unavailable, "log_storage", "", "The log has failed.");
      }
      auto& kept = records_[{stream, partition}];
      first = kept.size();
      for (const auto& record : records) kept.push_back({kept.size(), record.key, record.value});
      end = kept.size();
      listener = listener_;
    }
    grown_.notify_all();
    if (listener) listener(stream, partition, end);
    return first;
  }

  Result<std::vector<log::Record>> read(log::Stream stream, log::PartitionIndex partition,
                                        log::Offset from, std::size_t max_records,
                                        std::size_t max_bytes) override {
    const std::scoped_lock lock(mutex_);
    if (partition >= partitions(stream)) return malformed("log_no_partition");
    std::vector<log::Record> out;
    std::size_t bytes = 0;
    const auto& kept = records_[{stream, partition}];
    for (auto at = from; at < kept.size() && out.size() < max_records; ++at) {
      bytes += kept[at].value.size();
      if (!out.empty() && bytes > max_bytes) break;
      out.push_back(kept[at]);
    }
    return out;
  }

  Result<log::Offset> end(log::Stream stream, log::PartitionIndex partition) override {
    const std::scoped_lock lock(mutex_);
    if (partition >= partitions(stream)) return malformed("log_no_partition");
    return log::Offset{records_[{stream, partition}].size()};
  }

  bool wait_beyond(log::Stream stream, log::PartitionIndex partition, log::Offset offset,
                   std::chrono::milliseconds at_most) override {
    std::unique_lock lock(mutex_);
    const auto& kept = records_[{stream, partition}];
    grown_.wait_for(lock, at_most, [&] { return kept.size() > offset || stopped_; });
    return kept.size() > offset;
  }

  void set_listener(Listener listener) override {
    const std::scoped_lock lock(mutex_);
    listener_ = std::move(listener);
  }

  void stop_waiting() override {
    {
      const std::scoped_lock lock(mutex_);
      stopped_ = true;
    }
    grown_.notify_all();
  }

  Result<log::Offset> committed(std::string_view group, log::Stream stream,
                                log::PartitionIndex partition) override {
    const std::scoped_lock lock(mutex_);
    const auto found = committed_.find({std::string(group), {stream, partition}});
    return found == committed_.end() ? log::Offset{0} : found->second;
  }

  Status commit(std::string_view group, log::Stream stream, log::PartitionIndex partition,
                log::Offset next) override {
    const std::scoped_lock lock(mutex_);
    if (partition >= partitions(stream)) return malformed("log_no_partition");
    committed_[{std::string(group), {stream, partition}}] = next;
    return {};
  }

  /// Every append from now on fails, as after a failed sync.
  void break_storage() {
    const std::scoped_lock lock(mutex_);
    broken_ = true;
  }

  /// Loses the records from `end` on, as a disk does that lied about a sync.
  void truncate(log::Stream stream, log::PartitionIndex partition, log::Offset end) {
    const std::scoped_lock lock(mutex_);
    auto& kept = records_[{stream, partition}];
    kept.resize(std::min<std::size_t>(kept.size(), end));
  }

 private:
  using Where = std::pair<log::Stream, log::PartitionIndex>;
  static Failure malformed(const char* code) {
    return fail(ErrorClass::malformed, code, "", "The log cannot take this.");
  }
  const std::vector<log::StreamConfig> configs_;
  std::mutex mutex_;
  std::condition_variable grown_;
  std::map<Where, std::vector<log::Record>> records_;
  std::map<std::pair<std::string, Where>, log::Offset> committed_;
  Listener listener_;
  bool stopped_ = false;
  bool broken_ = false;
};

}  // namespace fl::tests

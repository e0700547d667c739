#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/log/log.hpp"

namespace fl::test {

/// A log in memory that fails, is slow, is cut or is replaced on command. Thread-safe.
class FailingLog : public log::Log {
 public:
  explicit FailingLog(log::PartitionIndex activity_partitions = 4)
      : configs_{{log::Stream::ledger, 1, false},
                 {log::Stream::activity, activity_partitions, false},
                 {log::Stream::jobs, 1, false},
                 {log::Stream::secrets, 1, true}} {}

  const std::vector<log::StreamConfig>& streams() const override { return configs_; }

  Result<log::Offset> append(log::Stream stream, log::PartitionIndex partition,
                             std::span<const log::NewRecord> records) override {
    if (partition >= partitions(stream)) return no_partition();
    for (const auto& record : records) {
      if (record.value.size() > log::kMaxRecordBytes) {
        return fail(ErrorClass::malformed, "record_too_large", "record",
                    "The record is too large.");
      }
    }
    if (const auto hook = before_append(); hook) hook(stream);
    std::unique_lock lock(mutex_);
    if (appends_before_failure_ && *appends_before_failure_ == 0) broken_ = true;
    if (broken_) {
      return fail(ErrorClass::unavailable, "storage_failed", "log", "The storage has failed.");
    }
    if (appends_before_failure_) --*appends_before_failure_;
    auto& rows = streams_[{stream, partition}];
    const log::Offset first = rows.size();
    for (const auto& record : records) {
      rows.push_back({rows.size(), record.key, record.value});
    }
    const auto end = rows.size();
    const auto listener = listener_;
    lock.unlock();
    grown_.notify_all();
    if (listener) listener(stream, partition, end);
    return first;
  }

  Result<std::vector<log::Record>> read(log::Stream stream, log::PartitionIndex partition,
                                        log::Offset from, std::size_t max_records,
                                        std::size_t max_bytes) override {
    if (partition >= partitions(stream)) return no_partition();
    std::lock_guard lock(mutex_);
    const auto& rows = streams_[{stream, partition}];
    std::vector<log::Record> out;
    std::size_t bytes = 0;
    for (auto i = from; i < rows.size() && out.size() < max_records; ++i) {
      if (!out.empty() && bytes >= max_bytes) break;
      bytes += rows[i].key.size() + rows[i].value.size();
      out.push_back(rows[i]);
    }
    return out;
  }

  Result<log::Offset> end(log::Stream stream, log::PartitionIndex partition) override {
    if (partition >= partitions(stream)) return no_partition();
    std::lock_guard lock(mutex_);
    return log::Offset{streams_[{stream, partition}].size()};
  }

  bool wait_beyond(log::Stream stream, log::PartitionIndex partition, log::Offset offset,
                   std::chrono::milliseconds at_most) override {
    std::unique_lock lock(mutex_);
    const auto beyond = [&] { return streams_[{stream, partition}].size() > offset; };
    grown_.wait_for(lock, at_most, [&] { return no_waiting_ || beyond(); });
    return beyond();
  }

  void set_listener(Listener listener) override {
    std::lock_guard lock(mutex_);
    listener_ = std::move(listener);
  }

  void stop_waiting() override {
    {
      std::lock_guard lock(mutex_);
      no_waiting_ = true;
    }
    grown_.notify_all();
  }

  Result<log::Offset> committed(std::string_view group, log::Stream stream,
                                log::PartitionIndex partition) override {
    if (partition >= partitions(stream)) return no_partition();
    std::lock_guard lock(mutex_);
    return groups_[{std::string(group), stream, partition}];
  }

  Status commit(std::string_view group, log::Stream stream, log::PartitionIndex partition,
                log::Offset next) override {
    if (partition >= partitions(stream)) return no_partition();
    std::lock_guard lock(mutex_);
    groups_[{std::string(group), stream, partition}] = next;
    return {};
  }

  // ---- what a test does to it ----

  /// The next `appends` succeed; every later one fails.
  void fail_after(std::size_t appends) {
    std::lock_guard lock(mutex_);
    appends_before_failure_ = appends;
  }
  /// A healthy log again, with what it held: as after a restart.
  void mend() {
    std::lock_guard lock(mutex_);
    appends_before_failure_.reset();
    broken_ = false;
  }
  /// Called by the appending thread before anything is stored: it may block.
  void on_append(std::function<void(log::Stream)> hook) {
    std::lock_guard lock(mutex_);
    hook_ = std::move(hook);
  }
  /// Forgets the records from `end` on, as a log that lost its tail.
  void cut(log::Stream stream, log::PartitionIndex partition, log::Offset end) {
    std::lock_guard lock(mutex_);
    auto& rows = streams_[{stream, partition}];
    if (end < rows.size()) rows.erase(rows.begin() + static_cast<std::ptrdiff_t>(end), rows.end());
  }
  /// Puts another value where a record was.
  void replace(log::Stream stream, log::PartitionIndex partition, log::Offset at,
               std::string value) {
    std::lock_guard lock(mutex_);
    streams_[{stream, partition}].at(at).value = std::move(value);
  }

 private:
  static Failure no_partition() {
    return fail(ErrorClass::malformed, "no_such_partition", "partition", "No such partition.");
  }
  std::function<void(log::Stream)> before_append() {
    std::lock_guard lock(mutex_);
    return hook_;
  }

  const std::vector<log::StreamConfig> configs_;
  std::mutex mutex_;
  std::condition_variable grown_;
  std::map<std::pair<log::Stream, log::PartitionIndex>, std::vector<log::Record>> streams_;
  std::map<std::tuple<std::string, log::Stream, log::PartitionIndex>, log::Offset> groups_;
  Listener listener_;
  std::function<void(log::Stream)> hook_;
  std::optional<std::size_t> appends_before_failure_;
  bool broken_ = false;
  bool no_waiting_ = false;
};

}  // namespace fl::test

#pragma once

#include <atomic>
#include <functional>
#include <optional>

#include "tests/support/memory_log.hpp"

namespace fl::test {

/// A log in memory that is watched, and that on command fails, is slow, or loses and changes what
/// it held. Thread-safe.
class FaultyLog : public MemoryLog {
 public:
  using MemoryLog::MemoryLog;

  Result<log::Offset> append(log::Stream stream, log::PartitionIndex partition,
                             std::span<const log::NewRecord> records) override {
    if (auto fit = log::check_append(streams(), stream, partition, records); !fit) {
      return fail(fit.error());
    }
    if (const auto hook = before_append()) hook(stream);
    {
      const std::lock_guard lock(faults_);
      if (appends_before_failure_ == 0U) {
        return fail(ErrorClass::unavailable, log::kLogFailed, "", "The storage has failed.");
      }
      if (appends_before_failure_) --*appends_before_failure_;
    }
    ++appends_;
    return MemoryLog::append(stream, partition, records);
  }
  bool wait_beyond(log::Stream stream, log::PartitionIndex partition, log::Offset offset,
                   std::chrono::milliseconds at_most) override {
    const bool beyond = MemoryLog::wait_beyond(stream, partition, offset, at_most);
    ++waits_;
    return beyond;
  }

  std::size_t appends() const { return appends_; }  ///< that did not fail
  std::size_t waits() const { return waits_; }      ///< that have ended

  /// The next `appends` succeed; every later one fails.
  void fail_after(std::size_t appends) {
    const std::lock_guard lock(faults_);
    appends_before_failure_ = appends;
  }
  /// A healthy log again, with what it held: as after a restart.
  void mend() {
    const std::lock_guard lock(faults_);
    appends_before_failure_.reset();
  }
  /// Called by the appending thread before anything is stored: it may block.
  void on_append(std::function<void(log::Stream)> hook) {
    const std::lock_guard lock(faults_);
    hook_ = std::move(hook);
  }
  /// Forgets the records from `end` on, as a disk that lied about a sync.
  void cut(log::Stream stream, log::PartitionIndex partition, log::Offset end) {
    harm(stream, partition, [&](LogMemory::Partition& part) {
      std::erase_if(part.records, [&](const auto& record) { return record.offset >= end; });
      part.end = std::min(part.end, end);
    });
  }
  /// Puts another value where a record was.
  void replace(log::Stream stream, log::PartitionIndex partition, log::Offset at,
               std::string value) {
    harm(stream, partition, [&](LogMemory::Partition& part) {
      for (auto& record : part.records) {
        if (record.offset == at) record.value = std::move(value);
      }
    });
  }

 private:
  std::function<void(log::Stream)> before_append() {
    const std::lock_guard lock(faults_);
    return hook_;
  }

  std::mutex faults_;
  std::function<void(log::Stream)> hook_;
  std::optional<std::size_t> appends_before_failure_;
  std::atomic<std::size_t> appends_ = 0;
  std::atomic<std::size_t> waits_ = 0;
};

}  // namespace fl::test

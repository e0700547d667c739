#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "core/log/work_share.hpp"

namespace fl::test {

/// A log in memory whose records a test may change behind everybody's back.
class RecordedLog : public log::Log {
 public:
  explicit RecordedLog(log::PartitionIndex activity_partitions = 4)
      : streams_{{log::Stream::ledger, 1, false},
                 {log::Stream::activity, activity_partitions, false}} {}

  std::vector<log::Record>& records(log::Stream stream, log::PartitionIndex partition = 0) {
    return records_[{stream, partition}];
  }
  std::vector<log::Record>& ledger() { return records(log::Stream::ledger); }
  /// Numbers the records anew, as a forger would.
  void renumber(log::Stream stream, log::PartitionIndex partition = 0) {
    log::Offset next = 0;
    for (auto& record : records(stream, partition)) record.offset = next++;
  }
  /// As many bytes and records as were asked for at most: so that reading in pieces is tested.
  std::size_t most_records = 3;

  const std::vector<log::StreamConfig>& streams() const override { return streams_; }
  Result<log::Offset> append(log::Stream stream, log::PartitionIndex partition,
                             std::span<const log::NewRecord> added) override {
    const std::lock_guard lock(mutex_);
    auto& all = records_[{stream, partition}];
    const auto first = all.size();
    for (const auto& record : added) all.push_back({all.size(), record.key, record.value});
    return first;
  }
  Result<std::vector<log::Record>> read(log::Stream stream, log::PartitionIndex partition,
                                        log::Offset from, std::size_t max_records,
                                        std::size_t) override {
    const std::lock_guard lock(mutex_);
    std::vector<log::Record> out;
    for (const auto& record : records_[{stream, partition}]) {
      if (record.offset >= from && out.size() < std::min(max_records, most_records))
        out.push_back(record);
    }
    return out;
  }
  Result<log::Offset> end(log::Stream stream, log::PartitionIndex partition) override {
    const std::lock_guard lock(mutex_);
    const auto& all = records_[{stream, partition}];
    return all.empty() ? 0 : all.back().offset + 1;
  }
  bool wait_beyond(log::Stream, log::PartitionIndex, log::Offset,
                   std::chrono::milliseconds) override {
    return false;
  }
  void set_listener(Listener) override {}
  void stop_waiting() override {}
  Result<std::unique_ptr<log::WorkShare>> join(std::string_view,
                                               const std::vector<log::Stream>&) override {
    return fail(ErrorClass::unavailable, "recorded", "", "A record of a log has no groups.");
  }

 private:
  std::vector<log::StreamConfig> streams_;
  std::map<std::pair<log::Stream, log::PartitionIndex>, std::vector<log::Record>> records_;
  std::mutex mutex_;
};

}  // namespace fl::test

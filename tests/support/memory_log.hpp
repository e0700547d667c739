#pragma once

#include <algorithm>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/support/memory_groups.hpp"

namespace fl::test {

/// What a log in memory holds. It outlives the logs over it as a disk does, one at a time.
struct LogMemory {
  struct Partition {
    std::vector<log::Record> records;  ///< by offset; with gaps where it was compacted
    log::Offset end = 0;
  };
  std::map<std::pair<log::Stream, log::PartitionIndex>, Partition> partitions;
  std::shared_ptr<GroupMemory> committed = std::make_shared<GroupMemory>();
};

struct LogPartitions {
  log::PartitionIndex activity = 4;
  log::PartitionIndex jobs = 1;
  log::PartitionIndex secrets = 1;
};

/// What compaction makes of the latest record of a key, if that deletes the key.
enum class Deletions { stay, go };

/// The log in memory, for tests that need no disk. It passes the log's contract suite. Thread-safe.
class MemoryLog : public log::Log {
 public:
  explicit MemoryLog(LogPartitions partitions = {})
      : MemoryLog({{log::Stream::ledger, 1, false},
                   {log::Stream::activity, partitions.activity, false},
                   {log::Stream::jobs, partitions.jobs, false},
                   {log::Stream::secrets, partitions.secrets, true}},
                  std::make_shared<LogMemory>()) {}
  MemoryLog(std::vector<log::StreamConfig> streams, std::shared_ptr<LogMemory> memory)
      : streams_(std::move(streams)), memory_(std::move(memory)) {}

  const std::vector<log::StreamConfig>& streams() const override { return streams_; }

  Result<log::Offset> append(log::Stream stream, log::PartitionIndex partition,
                             std::span<const log::NewRecord> records) override {
    if (auto fit = log::check_append(streams_, stream, partition, records); !fit) {
      return fail(fit.error());
    }
    // Held while the listener is told, so that it hears the ends in their order.
    const std::lock_guard appending(appending_);
    log::Offset first = 0;
    log::Offset end = 0;
    {
      const std::lock_guard lock(mutex_);
      auto& part = memory_->partitions[{stream, partition}];
      first = part.end;
      for (const auto& each : records) part.records.push_back({part.end++, each.key, each.value});
      end = part.end;
    }
    grown_.notify_all();
    if (listener_) listener_(stream, partition, end);
    return first;
  }

  Result<std::vector<log::Record>> read(log::Stream stream, log::PartitionIndex partition,
                                        log::Offset from, std::size_t max_records,
                                        std::size_t max_bytes) override {
    if (auto known = log::check_partition(streams_, stream, partition); !known) {
      return fail(known.error());
    }
    const std::lock_guard lock(mutex_);
    const auto& records = memory_->partitions[{stream, partition}].records;
    std::vector<log::Record> out;
    std::size_t bytes = 0;
    for (auto at = std::ranges::lower_bound(records, from, {}, &log::Record::offset);
         at != records.end() && out.size() < max_records; ++at) {
      bytes += at->key.size() + at->value.size();
      if (!out.empty() && bytes > max_bytes) break;
      out.push_back(*at);
    }
    return out;
  }

  Result<log::Offset> end(log::Stream stream, log::PartitionIndex partition) override {
    if (auto known = log::check_partition(streams_, stream, partition); !known) {
      return fail(known.error());
    }
    const std::lock_guard lock(mutex_);
    return memory_->partitions[{stream, partition}].end;
  }

  bool wait_beyond(log::Stream stream, log::PartitionIndex partition, log::Offset offset,
                   std::chrono::milliseconds at_most) override {
    std::unique_lock lock(mutex_);
    const auto& part = memory_->partitions[{stream, partition}];
    grown_.wait_for(lock, at_most, [&] { return stopped_ || part.end > offset; });
    return part.end > offset;
  }

  /// Once this returns, the listener before is not called any more.
  void set_listener(Listener listener) override {
    const std::lock_guard appending(appending_);
    listener_ = std::move(listener);
  }

  void stop_waiting() override {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    grown_.notify_all();
  }

  Result<std::unique_ptr<log::WorkShare>> join(std::string_view group,
                                               const std::vector<log::Stream>& streams) override {
    if (auto right = log::check_join(streams_, group, streams); !right) return fail(right.error());
    return std::unique_ptr<log::WorkShare>(std::make_unique<MemoryShare>(group_of(group, streams)));
  }
  /// The position of a group; 0 for a new one.
  log::Offset committed(std::string_view group, log::Stream stream, log::PartitionIndex partition) {
    const std::lock_guard lock(*groups_mutex_);
    const auto found = memory_->committed->find({std::string(group), stream, partition});
    return found == memory_->committed->end() ? 0 : found->second;
  }

  /// Leaves of each key of the compacted streams the latest record.
  void compact(Deletions deletions = Deletions::stay) {
    const std::lock_guard lock(mutex_);
    for (auto& [where, part] : memory_->partitions) {
      if (!std::ranges::count(streams_, std::pair(where.first, true), [](const auto& config) {
            return std::pair(config.stream, config.compacted);
          })) {
        continue;
      }
      std::set<std::string> seen;
      std::vector<log::Record> kept;
      for (auto at = part.records.rbegin(); at != part.records.rend(); ++at) {
        if (!seen.insert(at->key).second) continue;
        if (deletions == Deletions::stay || !at->value.empty()) kept.push_back(std::move(*at));
      }
      std::ranges::reverse(kept);
      part.records = std::move(kept);
    }
  }

  /// Every byte that the log holds.
  std::string everything() {
    const std::lock_guard lock(mutex_);
    std::string all;
    for (const auto& [where, part] : memory_->partitions) {
      for (const auto& record : part.records) all += record.key + record.value;
    }
    return all;
  }

 protected:
  /// For what harms it: its memory, and that nobody else is at it meanwhile.
  template <class Harm>
  void harm(log::Stream stream, log::PartitionIndex partition, Harm harm) {
    const std::lock_guard lock(mutex_);
    harm(memory_->partitions[{stream, partition}]);
  }

 private:
  std::shared_ptr<MemoryGroup> group_of(std::string_view name,
                                        const std::vector<log::Stream>& streams) {
    const std::lock_guard lock(mutex_);
    auto& group = groups_[std::string(name)];
    if (group) return group;
    std::vector<MemoryGroup::Place> places;
    for (const auto& config : streams_) {
      if (std::ranges::find(streams, config.stream) == streams.end()) continue;
      for (log::PartitionIndex p = 0; p < config.partitions; ++p)
        places.emplace_back(config.stream, p);
    }
    group = std::make_shared<MemoryGroup>(std::string(name), std::move(places), memory_->committed,
                                          groups_mutex_);
    return group;
  }

  const std::vector<log::StreamConfig> streams_;
  const std::shared_ptr<LogMemory> memory_;
  std::mutex appending_;  ///< taken before mutex_
  std::mutex mutex_;
  std::condition_variable grown_;
  Listener listener_;
  bool stopped_ = false;
  const std::shared_ptr<std::mutex> groups_mutex_ = std::make_shared<std::mutex>();
  std::map<std::string, std::shared_ptr<MemoryGroup>> groups_;
};

}  // namespace fl::test

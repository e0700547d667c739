#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/log/log.hpp"

namespace fl::log {

/// One thing that a caller waits to see durable: records for a partition, or (when `group` is not
/// empty) the position of a consumer group. Lives on its caller's stack.
struct Write {
  Stream stream = Stream::ledger;
  PartitionIndex partition = 0;
  std::span<const NewRecord> records;
  std::string_view group;
  Offset offset = 0;      ///< of the first record, set by the writer; of a group, its next
  std::size_t bytes = 0;  ///< what it counts against the size of a group
};

/// Natural group commit: whatever is queued when the previous sync ends is written by the first of
/// the waiting threads, with one sync. No timer and no thread of its own: alone, a write goes out
/// at once. Writes are taken in the order in which they came. After the first failure everything
/// queued and everything later is refused with that failure. The queue is bounded by the number of
/// calling threads. Thread-safe.
class GroupCommit {
 public:
  /// Makes the writes durable, all or none; never called twice at a time.
  using Writer = std::function<Status(std::span<Write* const>)>;
  GroupCommit(std::size_t group_bytes, Writer writer);

  Status submit(Write& write);
  /// Refuses everything from now on; returns once nothing is being written: true when no write had
  /// failed before.
  bool refuse(const Error& why);

 private:
  struct Waiter {
    Write* write;
    std::condition_variable ready;
    bool done = false;
    Status result;
  };
  std::vector<Waiter*> take_group();
  void fail_all(const Error& why);

  const std::size_t group_bytes_;
  const Writer writer_;
  mutable std::mutex mutex_;
  std::condition_variable idle_;
  std::deque<Waiter*> queue_;
  bool writing_ = false;
  Status state_;  ///< the failure, once there was one
};

}  // namespace fl::log

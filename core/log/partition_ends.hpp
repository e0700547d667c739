#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "core/log/log.hpp"

namespace fl::log {

/// How far each partition can be read, and who waits for more. Thread-safe; a partition must be one
/// of the streams given.
class PartitionEnds {
 public:
  explicit PartitionEnds(const std::vector<StreamConfig>& streams);

  Offset get(Stream stream, PartitionIndex partition) const;
  void publish(Stream stream, PartitionIndex partition, Offset end);
  bool wait_beyond(Stream stream, PartitionIndex partition, Offset offset,
                   std::chrono::milliseconds at_most);
  void stop_waiting();

 private:
  struct End {
    std::atomic<Offset> value{0};
    std::mutex mutex;
    std::condition_variable grown;
  };
  End& at(Stream stream, PartitionIndex partition) const;

  std::array<std::unique_ptr<End[]>, kStreams> ends_;
  std::array<PartitionIndex, kStreams> sizes_{};
  std::atomic<bool> stopped_{false};
};

}  // namespace fl::log

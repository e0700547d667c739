#include "core/log/partition_ends.hpp"

#include "core/base/assert.hpp"

namespace fl::log {

PartitionEnds::PartitionEnds(const std::vector<StreamConfig>& streams) {
  for (const auto& config : streams) {
    const auto i = static_cast<std::size_t>(config.stream);
    ends_[i] = std::make_unique<End[]>(config.partitions);
    sizes_[i] = config.partitions;
  }
}

PartitionEnds::End& PartitionEnds::at(Stream stream, PartitionIndex partition) const {
  const auto i = static_cast<std::size_t>(stream);
  FL_ASSERT(i < kStreams && partition < sizes_[i]);
  return ends_[i][partition];
}

Offset PartitionEnds::get(Stream stream, PartitionIndex partition) const {
  return at(stream, partition).value.load(std::memory_order_acquire);
}

void PartitionEnds::publish(Stream stream, PartitionIndex partition, Offset end) {
  auto& entry = at(stream, partition);
  {
    const std::lock_guard lock(entry.mutex);
    FL_ASSERT(end >= entry.value.load(std::memory_order_relaxed));
    entry.value.store(end, std::memory_order_release);
  }
  entry.grown.notify_all();
}

bool PartitionEnds::wait_beyond(Stream stream, PartitionIndex partition, Offset offset,
                                std::chrono::milliseconds at_most) {
  auto& entry = at(stream, partition);
  std::unique_lock lock(entry.mutex);
  entry.grown.wait_for(lock, at_most, [&] { return stopped_ || entry.value > offset; });
  return entry.value > offset;
}

void PartitionEnds::stop_waiting() {
  stopped_ = true;
  for (std::size_t i = 0; i < kStreams; ++i) {
    for (PartitionIndex p = 0; p < sizes_[i]; ++p) {
      const std::lock_guard lock(ends_[i][p].mutex);  // a waiter looked before, or waits by now
      ends_[i][p].grown.notify_all();
    }
  }
}

}  // namespace fl::log

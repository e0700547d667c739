#include "core/log/appender.hpp"

#include <future>
#include <map>
#include <utility>

namespace fl::log {
namespace {
constexpr std::size_t kMaxTogether = 1024;  // records of one append
}

Appender::Appender(Log& log, Stream stream, std::size_t max_queue)
    : log_(log), stream_(stream), max_queue_(max_queue), thread_([this] { run(); }) {}

Appender::~Appender() {
  stop();
}

void Appender::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Appender::append(PartitionIndex partition, NewRecord record, Reply reply) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_ && queue_.size() < max_queue_) {
      queue_.push_back({partition, std::move(record), std::move(reply)});
      if (queue_.size() == 1) wake_.notify_one();
      return;
    }
  }
  reply(fail(ErrorClass::unavailable, "log_busy", "", "Too much is being written: try again."));
}

Result<Offset> Appender::append_now(PartitionIndex partition, NewRecord record) {
  std::promise<Result<Offset>> promise;
  auto outcome = promise.get_future();
  append(partition, std::move(record),
         [&](Result<Offset> offset) { promise.set_value(std::move(offset)); });
  return outcome.get();
}

void Appender::run() {
  while (true) {
    std::vector<Waiting> taken;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      taken.swap(queue_);
    }
    // By partition, in the order of their coming, each append cut to size.
    struct Part {
      std::vector<Waiting> waiting;
      std::size_t bytes = 0;
    };
    std::map<PartitionIndex, Part> parts;
    for (auto& waiting : taken) {
      auto& part = parts[waiting.partition];
      const auto bytes = append_size({&waiting.record, 1});
      if (part.waiting.size() == kMaxTogether || part.bytes + bytes > kMaxAppendBytes)
        write(std::exchange(part, {}).waiting);
      part.bytes += bytes;
      part.waiting.push_back(std::move(waiting));
    }
    for (auto& [partition, part] : parts) write(std::move(part.waiting));
  }
}

void Appender::write(std::vector<Waiting> batch) {
  if (batch.empty()) return;
  std::vector<NewRecord> records;
  records.reserve(batch.size());
  for (auto& waiting : batch) records.push_back(std::move(waiting.record));
  const auto first = log_.append(stream_, batch.front().partition, records);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    batch[i].reply(first ? Result<Offset>(*first + i) : Result<Offset>(fail(first.error())));
  }
}

}  // namespace fl::log

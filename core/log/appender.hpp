#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/log/log.hpp"

namespace fl::log {

/// Appends to one stream without blocking the caller: what is queued while the last append is under
/// way goes out together. Order within a partition is the order of `append` calls. Thread-safe.
class Appender {
 public:
  using Reply = std::function<void(Result<Offset>)>;  ///< from the appender's thread: be quick

  Appender(Log& log, Stream stream, std::size_t max_queue = 65'536);
  ~Appender();  ///< appends what is queued, then ends

  /// The reply comes once the record is durable. `unavailable`, `log_busy`: nothing was queued.
  void append(PartitionIndex partition, NewRecord record, Reply reply);

  /// The same, waiting. Not from the appender's own thread.
  Result<Offset> append_now(PartitionIndex partition, NewRecord record);

  void stop();

 private:
  struct Waiting {
    PartitionIndex partition;
    NewRecord record;
    Reply reply;
  };
  void run();
  void write(std::vector<Waiting> batch);

  Log& log_;
  const Stream stream_;
  const std::size_t max_queue_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Waiting> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace fl::log

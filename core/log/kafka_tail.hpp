#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "core/log/kafka_recent.hpp"

namespace fl::log::kafka {

/// Follows every partition from where it ended at the start: one consumer, one thread. Keeps what
/// came for readers, and tells of each new end. Thread-safe.
class Tail {
 public:
  struct Listener {
    std::function<void(Stream, PartitionIndex, Offset end)> grown;
    std::function<void(const Error&)> damaged;
    /// The broker says that the position is not there: is the partition cut short, or is it a
    /// leader that does not know yet? Returns what is wrong for good.
    std::function<Status(Stream, PartitionIndex)> examine;
  };
  using Start = std::map<std::pair<Stream, PartitionIndex>, Offset>;

  static Result<std::unique_ptr<Tail>> open(const KafkaOptions& options,
                                            const std::vector<StreamConfig>& streams,
                                            const Start& start, Listener listener);
  ~Tail();

  RecentRecords& recent(Stream stream, PartitionIndex partition);
  /// Readers that wait are served what is there; nothing more comes.
  void stop();

 private:
  struct Follower {
    Stream stream;
    PartitionIndex partition;
    rd_kafka_topic_t* topic;
    std::unique_ptr<RecentRecords> recent;
  };
  Tail(const KafkaOptions& options, Listener listener);
  Status begin(Follower& follower);
  void run();
  void take(const rd_kafka_message_t& message);
  void take_error(Follower& follower, rd_kafka_resp_err_t error, Offset position);
  Follower& find(Stream stream, PartitionIndex partition);

  const KafkaOptions& options_;
  Listener listener_;
  Owned<rd_kafka_t> client_;
  Owned<rd_kafka_queue_t> queue_;
  std::map<std::string, Stream> streams_;  ///< by topic
  std::map<Stream, Owned<rd_kafka_topic_t>> topics_;
  std::map<std::pair<Stream, PartitionIndex>, Follower> followers_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace fl::log::kafka

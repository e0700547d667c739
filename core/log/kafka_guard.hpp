#pragma once

#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "core/log/kafka_catch_up.hpp"
#include "core/log/kafka_client.hpp"
#include "core/log/kafka_tail.hpp"
#include "core/log/partition_ends.hpp"

namespace fl::log::kafka {

/// Holds the topics to what was seen of them: their settings, where each partition begins, how far
/// it reached, and records that must stand where they stood. The first failure is for good.
/// Thread-safe.
class Guard {
 public:
  using FailureListener = std::function<void(const Error&)>;
  using Ends = std::map<std::pair<Stream, PartitionIndex>, Offset>;

  Guard(const KafkaOptions& options, const std::vector<StreamConfig>& streams);
  ~Guard();

  /// Makes and checks the topics; where each partition ends.
  Result<Ends> begin(Deadline deadline);
  /// From now on the tail's records count as seen, and a look is had at every interval.
  Status watch(Tail& tail);
  void stop();

  /// Whether the partition begins at its beginning and reaches as far as was seen; notes its end.
  /// A leader elected just now, or one that does not know that it is none, may say less for a
  /// moment: that is borne for the time of a read. Errors: `log_damaged`, `log_unreachable`.
  Status examine(Stream stream, PartitionIndex partition);
  /// All partitions, their settings, and records seen before. Errors also as `check_topics`.
  Status check();

  PartitionEnds& ends() { return ends_; }
  void raise(Stream stream, PartitionIndex partition, Offset end);  ///< wakes who waits for it

  /// Ends the log; told once to the listener and to whoever appends.
  void give_up(const Error& why);
  /// The same for what is not only an outage.
  void give_up_if_wrong(const Status& found);
  /// Why nothing can be read; a failed append alone is no reason.
  std::optional<Error> damage() const;
  void on_failure(FailureListener listener);
  void on_refusal(FailureListener refuse_appends);

  rd_kafka_t& client() { return *client_; }  ///< for questions: one that fetches holds them up
  CatchUp& catch_up() { return catch_up_; }
  bool is_compacted(Stream stream) const;

 private:
  Result<Record> record_at(Stream stream, PartitionIndex partition, Offset offset);
  Status recognise(Stream stream, PartitionIndex partition);
  void run();
  std::string topic(Stream stream) const { return topic_of(options_, stream); }

  const KafkaOptions& options_;
  const std::vector<StreamConfig>& streams_;
  PartitionEnds ends_;
  std::mutex ends_mutex_;
  Owned<rd_kafka_t> client_;
  CatchUp catch_up_;
  Tail* tail_ = nullptr;
  mutable std::mutex failure_mutex_;
  std::optional<Error> failure_;
  FailureListener listener_;
  FailureListener refuse_appends_;
  std::mutex watch_mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread watcher_;
};

}  // namespace fl::log::kafka

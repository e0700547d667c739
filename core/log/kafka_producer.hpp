#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>

#include "core/log/group_commit.hpp"
#include "core/log/kafka_client.hpp"

namespace fl::log::kafka {

/// Appends by two idempotent producers (acks=all):
///
/// - One record alone goes out at once, any number of callers side by side: a record is whole by
///   itself. Callers that come while a request is under way share the next.
/// - Several records of one append go out together with those of other such appends that wait: as
///   one set of records for each partition, which Kafka stores whole or not at all. librdkafka
///   begins a set when its linger time is over, so that is set beyond reach, and `flush` says when
///   everything is there. A set that is sent again has the same bounds, or the producer ends.
///
/// The offsets of each append are checked to follow one another. After a failure, which may be a
/// time-out of an append that did reach Kafka, nothing more is appended. Thread-safe.
class Producer {
 public:
  static Result<std::unique_ptr<Producer>> open(const KafkaOptions& options,
                                                const std::vector<StreamConfig>& streams);
  /// No append may be waited for; those under way are told that their outcome is unknown.
  ~Producer();

  /// The offset of the first record, once all are acknowledged. Error: unavailable `log_failed`.
  Result<Offset> append(Stream stream, PartitionIndex partition,
                        std::span<const NewRecord> records);
  /// One record without waiting: `done` is called once, from a thread of this producer, or before
  /// this returns when nothing was sent. Calls of one thread to one partition keep their order.
  void append_later(Stream stream, PartitionIndex partition, const NewRecord& record,
                    std::function<void(Result<Offset>)> done);
  /// Refuses every append from now on with this error; the first one told stays.
  void refuse(const Error& why);

 private:
  struct Delivery;
  struct Client {
    Owned<rd_kafka_t> handle;
    std::map<Stream, Owned<rd_kafka_topic_t>> topics;  ///< gone before the handle
    ~Client() { topics.clear(); }
  };
  explicit Producer(const KafkaOptions& options);
  static void report(rd_kafka_t*, const rd_kafka_message_t* message, void*);
  Status connect_client(Client& client, const Settings& settings,
                        const std::vector<StreamConfig>& streams);
  Status send(Client& client, Stream stream, PartitionIndex partition, const NewRecord& record,
              Delivery& delivery);
  Result<Offset> append_one(Stream stream, PartitionIndex partition, const NewRecord& record);
  Status append_together(std::span<Write* const> writes);
  std::optional<Error> refused() const;
  Failure failed(std::string_view why);
  static void drain(rd_kafka_t& client);

  const KafkaOptions& options_;
  Client single_;
  Client together_;
  GroupCommit commits_;
  mutable std::mutex mutex_;
  std::optional<Error> refused_;
  std::atomic<bool> stopping_{false};
  std::thread poller_;  ///< serves the reports of single records
};

}  // namespace fl::log::kafka

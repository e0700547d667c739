#pragma once

#include <memory>
#include <vector>

#include "core/log/kafka_options.hpp"
#include "core/log/log.hpp"

namespace fl::log {

/// The log of many nodes: each stream is a topic of Apache Kafka, each partition one of its own.
/// Any number of processes append and read. Thread-safe, as the port says.
///
/// - An append of several records goes out as one of Kafka's record sets, which is stored, copied
///   and shown to readers whole or not at all; that their offsets follow one another is checked.
///   An append that fails may have been stored, or be stored later: `append_unknown` until the log
///   is read. The log goes on, by another producer.
/// - Acknowledged is what every in-sync copy has. With one copy it is on disk by then; with more
///   it is in memory on a majority of the copies, so a power loss that takes all of these at
///   once, before they wrote to disk by themselves, may lose it.
/// - What others appended is seen within milliseconds, by reads too; `end` asks the partition's
/// leader
///   each time, and what it told of can be read.
/// - A topic that begins later, ends earlier or shows another record than was seen, or has lost the
///   settings that it needs, is found by `end`, by reading, and by a look every `check_interval`:
///   then appends and reads are over, with the reason. A topic made anew before this process
///   started is the readers' to notice: their position lies beyond its end, or its chain differs.
/// - Groups are Kafka's own (kafka_share.hpp).
class KafkaLog : public Log {
 public:
  /// Makes the topics that are missing, and checks them all. Errors: refused `log_config_differs`
  /// (the topic as field), `log_missing`; conflict `import_unfinished`; malformed `bad_streams`,
  /// `bad_kafka_settings`; unavailable `log_unreachable`, `log_damaged`.
  static Result<std::unique_ptr<KafkaLog>> open(std::vector<StreamConfig> streams,
                                                KafkaOptions options);
  ~KafkaLog() override;  ///< no call may be under way

  const std::vector<StreamConfig>& streams() const override;
  Result<Offset> append(Stream stream, PartitionIndex partition,
                        std::span<const NewRecord> records) override;
  void append_later(Stream stream, PartitionIndex partition, NewRecord record,
                    Appended done) override;
  Result<std::vector<Record>> read(Stream stream, PartitionIndex partition, Offset from,
                                   std::size_t max_records, std::size_t max_bytes) override;
  Result<Offset> end(Stream stream, PartitionIndex partition) override;
  bool wait_beyond(Stream stream, PartitionIndex partition, Offset offset,
                   std::chrono::milliseconds at_most) override;
  /// Also told of what other processes append, by the thread that follows the log.
  void set_listener(Listener listener) override;

  /// Called once, when damage is found: reads and appends are over, and who uses the log must end.
  /// Quick; must not call the log. Set before the first append.
  using FailureListener = std::function<void(const Error&)>;
  void set_failure_listener(FailureListener listener);
  void stop_waiting() override;
  Result<std::unique_ptr<WorkShare>> join(std::string_view group,
                                          const std::vector<Stream>& streams) override;

  /// Looks at the topics now, as is done every `check_interval`.
  Status check();

 private:
  struct Parts;
  explicit KafkaLog(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace fl::log

#pragma once

#include <memory>
#include <vector>

#include "core/log/kafka_options.hpp"
#include "core/log/log.hpp"

namespace fl::log {

/// The log on Kafka for whoever only reads: an auditor, an export. It makes no topic and no
/// producer, is in no group and commits nothing; of a topic's settings it asks none. How many
/// partitions there are is the topics' to say. Where each ends is fixed when it is opened, so it
/// may be read while servers append. Thread-safe.
class KafkaLogReader : public LogReader {
 public:
  /// Errors: refused `log_missing`, naming the topic; refused `log_config_differs` (a ledger has
  /// one partition); conflict `import_unfinished`; malformed `bad_streams`, `bad_kafka_settings`;
  /// unavailable `log_unreachable`, `log_damaged` (a topic whose beginning is gone).
  static Result<std::unique_ptr<KafkaLogReader>> open(std::vector<Stream> streams,
                                                      KafkaOptions options);
  ~KafkaLogReader() override;

  const std::vector<StreamConfig>& streams() const override;
  Result<std::vector<Record>> read(Stream stream, PartitionIndex partition, Offset from,
                                   std::size_t max_records, std::size_t max_bytes) override;
  Result<Offset> end(Stream stream, PartitionIndex partition) override;

  /// Whether records came since the ends were fixed.
  Result<bool> has_grown();

 private:
  struct Parts;
  explicit KafkaLogReader(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace fl::log

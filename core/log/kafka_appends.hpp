#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "core/log/kafka_producer.hpp"

namespace fl::log::kafka {

/// Appends by one producer after another. What a producer had under way when it failed may have
/// reached Kafka or not, and may even come later: nobody can know before the log is read. So each
/// of these is answered `append_unknown`, that producer is given up, and the next append makes a
/// new one: brokers that were away, time-outs and librdkafka's fatal errors are routine.
/// Thread-safe.
class Appends {
 public:
  Appends(const KafkaOptions& options, const std::vector<StreamConfig>& streams)
      : options_(options), streams_(streams) {}
  ~Appends();  ///< no append may be waited for; the others are told that they are unknown

  Status open();  ///< the first producer, so that wrong settings are known at once

  /// Errors: retry `append_unknown`; what `refuse` was given; as Producer::open.
  Result<Offset> append(Stream stream, PartitionIndex partition,
                        std::span<const NewRecord> records);
  void append_later(Stream stream, PartitionIndex partition, const NewRecord& record,
                    std::function<void(Result<Offset>)> done);
  /// From now on every append is refused, for good.
  void refuse(const Error& why);

 private:
  Result<std::shared_ptr<Producer>> current();
  Error give_up(Producer& producer, const Error& why);

  const KafkaOptions& options_;
  const std::vector<StreamConfig>& streams_;
  std::mutex mutex_;
  std::shared_ptr<Producer> producer_;
  /// Given up, but perhaps in use. Never destroyed by its own thread, which tells of its appends.
  std::vector<std::shared_ptr<Producer>> retired_;
  std::optional<Error> refused_;
};

}  // namespace fl::log::kafka

#pragma once

#include <atomic>
#include <memory>
#include <thread>

#include "core/log/kafka_client.hpp"
#include "core/log/live_bus.hpp"

namespace fl::log {

/// The bus of many nodes: the topic `live` under the prefix, of one partition, whose records go
/// after ten minutes. A message is acknowledged by one broker or lost, and everybody reads from
/// where the topic ends when they come.
class KafkaLiveBus : public LiveBus {
 public:
  /// Makes the topic when it is missing. Errors: malformed `bad_kafka_settings`; unavailable
  /// `log_unreachable`.
  static Result<std::unique_ptr<KafkaLiveBus>> open(const KafkaOptions& options);
  ~KafkaLiveBus() override;

  void publish(std::string_view topic, std::string_view bytes) override;

 private:
  explicit KafkaLiveBus(const KafkaOptions& options);
  Status start();
  Status read_from_end();
  void run();

  const KafkaOptions options_;
  const std::string topic_;
  kafka::Owned<rd_kafka_t> producer_;
  kafka::Owned<rd_kafka_topic_t> into_;  ///< gone before the producer
  kafka::Owned<rd_kafka_t> consumer_;
  kafka::Owned<rd_kafka_topic_t> from_;  ///< gone before the consumer
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace fl::log

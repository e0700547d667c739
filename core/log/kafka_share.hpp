#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <thread>

#include "core/log/kafka_client.hpp"
#include "core/log/work_share.hpp"

namespace fl::log {

/// A member of a consumer group of Kafka, under the prefix and the group's name. It keeps the
/// membership alone and fetches nothing: records are read from the log.
///
/// - A thread of its own keeps in touch, so work may take any time. A member that is not heard of
///   for 6 seconds, the least that brokers take, loses its partitions.
/// - Partitions move cooperatively: those that stay are not touched. What is taken away goes to
///   another only when the commits for it that are under way have ended.
/// - A commit goes by the member and says its generation: Kafka refuses one of a member that it has
///   given up. It forgets the positions of a group without members after
///   `offsets.retention.minutes` (a week, unless the brokers say otherwise).
class KafkaShare : public WorkShare {
 public:
  /// The topics of the log must be there. Does not wait for the group to meet. Errors: as
  /// Log::join; unavailable `log_unreachable`.
  static Result<std::unique_ptr<KafkaShare>> join(const KafkaOptions& options,
                                                  const std::vector<StreamConfig>& log,
                                                  std::string_view group,
                                                  const std::vector<Stream>& streams);
  ~KafkaShare() override;

  std::vector<Held> assigned() const override;
  bool holds(const Held& held) const override;
  void set_listener(Listener listener) override;
  Result<std::optional<Offset>> committed(Stream stream, PartitionIndex partition) override;
  Status commit(const Held& held, Offset next) override;
  void stop() override;

 private:
  using Places = std::map<std::pair<Stream, PartitionIndex>, std::uint64_t>;

  KafkaShare(const KafkaOptions& options, const std::vector<StreamConfig>& log,
             std::string_view group, const std::vector<Stream>& streams);
  static void rebalance(rd_kafka_t*, rd_kafka_resp_err_t event,
                        rd_kafka_topic_partition_list_t* partitions, void* share);
  void receive(rd_kafka_topic_partition_list_t& partitions);
  void hand_over(rd_kafka_topic_partition_list_t& partitions);
  void run();
  void tell();

  const KafkaOptions options_;
  const std::vector<StreamConfig> log_;
  const std::string group_;
  std::map<std::string, Stream> streams_;  ///< by topic
  mutable std::mutex mutex_;
  Places held_;
  std::uint64_t generation_ = 0;
  std::mutex moving_;  ///< held by a commit under way, so that what it is for stays ours meanwhile
  std::mutex listener_mutex_;
  Listener listener_;
  bool met_ = false;  ///< whether the group has met with us; of the thread
  std::mutex stop_mutex_;
  std::atomic<bool> stopping_{false};
  kafka::Owned<rd_kafka_t> client_;
  std::thread thread_;
};

}  // namespace fl::log

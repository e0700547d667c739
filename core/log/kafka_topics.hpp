#pragma once

#include <vector>

#include "core/log/kafka_client.hpp"

namespace fl::log::kafka {

/// The size of the largest set of records that a topic must take: one append, with Kafka's framing.
inline constexpr std::size_t kMaxMessageBytes = 8 * 1024 * 1024;

/// The settings that the topic of a stream is made with.
Settings wanted_settings(const KafkaOptions& options, const StreamConfig& stream);

/// Makes the topics that are missing. Errors: malformed, unavailable.
Status make_topics(rd_kafka_t& client, const KafkaOptions& options,
                   const std::vector<StreamConfig>& streams, Deadline deadline);

/// Whether every topic has the partitions, copies and settings that the log rests on. Errors:
/// refused `log_config_differs`, naming topic, setting, what it is and what it must be; refused
/// `log_missing`; unavailable.
Status check_topics(rd_kafka_t& client, const KafkaOptions& options,
                    const std::vector<StreamConfig>& streams, Deadline deadline);

}  // namespace fl::log::kafka

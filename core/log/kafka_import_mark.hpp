#pragma once

#include "core/log/kafka_client.hpp"

/// The mark of a log that is being filled from a file: an empty topic beside the others, made
/// before the first record and removed after the last was compared. Kafka cannot rename topics, so
/// this is what keeps half a log from being taken for a whole one.
namespace fl::log::kafka {

std::string import_mark(const KafkaOptions& options);  ///< the topic's name

Result<bool> is_marked(rd_kafka_t& client, const KafkaOptions& options, Deadline deadline);
/// Error: conflict `import_unfinished`, saying what to do.
Status check_unmarked(rd_kafka_t& client, const KafkaOptions& options, Deadline deadline);
Status set_mark(rd_kafka_t& client, const KafkaOptions& options, Deadline deadline);
/// Returns once it is gone for good.
Status remove_mark(rd_kafka_t& client, const KafkaOptions& options, Deadline deadline);

}  // namespace fl::log::kafka

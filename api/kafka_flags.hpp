#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/log/kafka_options.hpp"
#include "core/log/log.hpp"

namespace CLI {
class App;
}

namespace fl::api {

/// The options of a command line that say which log on Kafka is meant. The same for every command
/// of both programs. It must outlive the command.
struct KafkaFlags {
  std::string bootstrap;
  std::string topic_prefix = log::KafkaOptions{}.prefix;
  std::filesystem::path config_file;
  int replication = log::KafkaOptions{}.replication;
  log::PartitionIndex activity_partitions = 8;
  log::PartitionIndex jobs_partitions = 4;

  /// Adds --kafka, --topic-prefix and --kafka-config; where topics may be made, also --replication,
  /// --activity-partitions and --jobs-partitions. Each needs --kafka.
  void add_to(CLI::App& command, bool creating);
  /// Adds --replication alone, for who takes the partitions from elsewhere. After `add_to`.
  void add_replication_to(CLI::App& command);
  bool given() const { return !bootstrap.empty(); }
  /// Reads the file of --kafka-config. Errors: as `log::read_kafka_config`.
  Result<log::KafkaOptions> options() const;
  /// The streams of a platform's log, with the partitions that were asked for.
  std::vector<log::StreamConfig> streams() const;
};

}  // namespace fl::api

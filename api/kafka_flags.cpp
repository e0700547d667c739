#include "api/kafka_flags.hpp"

#include <CLI/CLI.hpp>

#include "core/log/kafka_config_file.hpp"

namespace fl::api {
namespace {

constexpr int kMostCopies = 32;

}  // namespace

void KafkaFlags::add_to(CLI::App& command, bool creating) {
  auto* kafka = command.add_option("--kafka", bootstrap,
                                   "The log is on Kafka: HOST:PORT,… of some of its brokers");
  std::vector<CLI::Option*> further = {
      command.add_option("--topic-prefix", topic_prefix, "Topics are this and the stream's name")
          ->capture_default_str(),
      command.add_option("--kafka-config", config_file,
                         "File of further librdkafka settings, NAME=VALUE a line: security and "
                         "passwords stand there, never in arguments")};
  if (creating) {
    add_replication_to(command);
    further.push_back(command
                          .add_option("--activity-partitions", activity_partitions,
                                      "Partitions of the stream activity, for good")
                          ->check(CLI::Range(1U, log::kMaxPartitions))
                          ->capture_default_str());
    further.push_back(command
                          .add_option("--jobs-partitions", jobs_partitions,
                                      "Partitions of the stream jobs, for good")
                          ->check(CLI::Range(1U, log::kMaxPartitions))
                          ->capture_default_str());
  }
  for (auto* option : further) option->needs(kafka);
}

void KafkaFlags::add_replication_to(CLI::App& command) {
  command
      .add_option("--replication", replication,
                  "Copies of each record; with 1 each is synced to disk")
      ->check(CLI::Range(1, kMostCopies))
      ->capture_default_str()
      ->needs(command.get_option("--kafka"));
}

Result<log::KafkaOptions> KafkaFlags::options() const {
  log::KafkaOptions out;
  out.bootstrap = bootstrap;
  out.prefix = topic_prefix;
  out.replication = replication;
  if (!config_file.empty()) {
    auto settings = log::read_kafka_config(config_file);
    if (!settings) return fail(settings.error());
    out.client = std::move(*settings);
  }
  return out;
}

std::vector<log::StreamConfig> KafkaFlags::streams() const {
  return {{log::Stream::ledger, 1, false},
          {log::Stream::activity, activity_partitions, false},
          {log::Stream::jobs, jobs_partitions, false},
          {log::Stream::secrets, 1, true}};
}

}  // namespace fl::api

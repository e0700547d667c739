#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "core/log/embedded_log.hpp"
#include "tests/cli/platform_world.hpp"
#include "tests/cli/program_run.hpp"
#include "tests/log/kafka_subject.hpp"
#include "tests/support/temp_dir.hpp"

namespace fl::test {

/// A stopped platform with events of every stream in a data directory, a place for it on Kafka, and
/// the program that moves it.
struct MovedPlatform {
  static const std::vector<log::StreamConfig>& streams();

  MovedPlatform();

  TempDir dir;
  std::string data = (dir / "data").string();
  log::KafkaSubject kafka;
  ProgramRun run;

  std::string file(const std::string& name) const { return (dir / name).string(); }
  /// The arguments, and after them where the topics are.
  std::vector<std::string> on_kafka(std::vector<std::string> arguments) const;
  /// Runs what must succeed with --json; what it printed.
  nlohmann::json must(std::vector<std::string> arguments);
  nlohmann::json must_import_to_kafka(const std::string& name);
  std::unique_ptr<log::KafkaLog> open_kafka() const;
};

/// Every record of these streams, in order.
std::vector<log::Record> records_of(log::LogReader& log, const std::vector<log::Stream>& streams);
std::string bytes_of(const std::filesystem::path& file);
void write_bytes(const std::filesystem::path& file, const std::string& bytes);

}  // namespace fl::test

#include "cli/audit/log_source.hpp"

#include <CLI/CLI.hpp>

#include "core/log/embedded_log.hpp"
#include "core/log/kafka_log_reader.hpp"
#include "core/log/log_file.hpp"

namespace fl::cli {

namespace {

CLI::Option_group* add_group(CLI::App& command, LogSource& source) {
  source.kafka.add_to(command, false);
  auto* group = command.add_option_group("source", "What is read");
  group->add_option("--data", source.data, "Data directory of a stopped server");
  group->add_option(command.get_option("--kafka"));
  group->require_option(1);
  return group;
}

}  // namespace

void LogSource::add_to(CLI::App& command) {
  add_group(command, *this)->add_option("--export", file, "File written by `audit export`");
}

void LogSource::add_log_to(CLI::App& command) {
  add_group(command, *this);
}

std::string LogSource::name() const {
  if (!data.empty()) return data;
  if (!file.empty()) return file;
  return "the topics " + kafka.topic_prefix + "* on Kafka at " + kafka.bootstrap;
}

std::filesystem::path LogSource::log_directory() const {
  const std::filesystem::path directory(data);
  std::error_code ignored;
  const auto inner = directory / "log";
  return std::filesystem::is_directory(inner, ignored) ? inner : directory;
}

std::optional<std::filesystem::path> LogSource::read_model_directory() const {
  std::error_code ignored;
  const auto models = std::filesystem::path(data) / "views";
  if (!is_directory() || !std::filesystem::is_directory(models, ignored)) return std::nullopt;
  return models;
}

Result<std::unique_ptr<log::LogReader>> open_log(const LogSource& source, bool check_files,
                                                 const std::vector<log::Stream>& streams) {
  if (source.kafka.given()) {
    auto options = source.kafka.options();
    if (!options) return fail(options.error());
    auto reader = log::KafkaLogReader::open(streams, std::move(*options));
    if (!reader) return fail(reader.error());
    return std::unique_ptr<log::LogReader>(std::move(*reader));
  }
  if (!source.is_directory()) {
    auto reader = log::LogFileReader::open(source.file);
    if (!reader) return fail(reader.error());
    return std::unique_ptr<log::LogReader>(std::move(*reader));
  }
  auto reader = log::EmbeddedLogReader::open(source.log_directory());
  if (!reader) return fail(reader.error());
  if (check_files) {
    if (auto status = (*reader)->verify_files(); !status) return fail(status.error());
  }
  return std::unique_ptr<log::LogReader>(std::move(*reader));
}

}  // namespace fl::cli

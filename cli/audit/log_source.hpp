#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/kafka_flags.hpp"
#include "core/log/log.hpp"

namespace CLI {
class App;
}

namespace fl::cli {

/// What is read: the data directory of a stopped server, the topics of a log on Kafka, or an export
/// file.
struct LogSource {
  std::string data;
  std::string file;
  api::KafkaFlags kafka;

  /// Adds --data, --kafka and --export; exactly one must be given.
  void add_to(CLI::App& command);
  /// Adds --data and --kafka; exactly one must be given.
  void add_log_to(CLI::App& command);
  std::string name() const;
  bool is_directory() const { return !data.empty(); }
  /// Of a data directory: the folder `log` in it where there is one, else the directory itself.
  std::filesystem::path log_directory() const;
  /// The folder `views` of a data directory; nothing where there is none.
  std::optional<std::filesystem::path> read_model_directory() const;
};

/// The streams that an audit rests on.
inline const std::vector<log::Stream> kAudited = {log::Stream::ledger, log::Stream::activity};

/// Opens it without writing anything. Of a directory all its files are read and compared with their
/// checksums when `check_files` is set. Of Kafka only the topics of `streams` are looked at, and
/// their ends are fixed: servers may go on appending. Error: as the log's; `log_damaged` is damage,
/// anything else keeps it from being read.
Result<std::unique_ptr<log::LogReader>> open_log(
    const LogSource& source, bool check_files, const std::vector<log::Stream>& streams = kAudited);

}  // namespace fl::cli

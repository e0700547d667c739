#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "core/log/log.hpp"

namespace CLI {
class App;
}

namespace fl::cli {

/// What an audit reads: the data directory of a stopped server, or an export file.
struct LogSource {
  std::string data;
  std::string file;

  /// Adds --data and --export; exactly one must be given.
  void add_to(CLI::App& command);
  std::string name() const { return data.empty() ? file : data; }
  bool is_directory() const { return !data.empty(); }
  /// Of a data directory: the folder `log` in it where there is one, else the directory itself.
  std::filesystem::path log_directory() const;
  /// The folder `views` of a data directory; nothing where there is none.
  std::optional<std::filesystem::path> read_model_directory() const;
};

/// Opens it without writing anything. Of a directory all its files are read and compared with their
/// checksums when `check_files` is set. Error: as the log's; `log_damaged` is damage, anything else
/// keeps it from being read.
Result<std::unique_ptr<log::LogReader>> open_log(const LogSource& source, bool check_files);

}  // namespace fl::cli

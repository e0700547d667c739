#pragma once

#include <string>

#include "cli/audit/log_source.hpp"
#include "cli/environment.hpp"
#include "cli/exit_code.hpp"

namespace fl::cli {

struct LogExportOptions {
  LogSource source;  ///< a directory or Kafka
  std::string file;
  bool while_running = false;
  bool json = false;
  bool quiet = false;
};

/// All streams to one file, which only its owner may read. From Kafka it is refused (conflict
/// `log_grows`) when records come meanwhile, unless that was said to be right: what came would stay
/// behind in a move.
ExitCode export_whole_log(Environment& env, const LogExportOptions& options);

}  // namespace fl::cli

#pragma once

#include <string>

#include "api/kafka_flags.hpp"
#include "cli/environment.hpp"
#include "cli/exit_code.hpp"

namespace fl::cli {

struct LogImportOptions {
  std::string file;
  std::string data;       ///< either the data directory
  api::KafkaFlags kafka;  ///< or Kafka
  bool json = false;
  bool quiet = false;
};

/// Reads the whole file before anything is written, fills the log, reads the log back and compares
/// the digest of each stream; only then it is a log that others open.
ExitCode import_whole_log(Environment& env, const LogImportOptions& options);

}  // namespace fl::cli

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/log/log_file.hpp"
#include "core/log/stream_digest.hpp"

namespace fl::log {

struct ExportedLog {
  LogFileTrailer trailer;
  std::vector<StreamDigest> streams;
};

/// Writes `streams` of a log, up to where each partition ends when it is come to, to a new file. Of
/// a compacted stream only what its fold is: the latest record of each key that is not deleted, for
/// which two readings are made and about 100 bytes a key are kept. So what was replaced or deleted
/// is in no file, though the log may not have compacted yet. Errors: as the log's and
/// LogFileWriter's.
Result<ExportedLog> export_log(LogReader& log, const std::vector<Stream>& streams,
                               std::string ledger_id, Instant created,
                               const std::filesystem::path& path, const LogProgress& progress = {});

}  // namespace fl::log

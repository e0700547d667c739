#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/log/log_file.hpp"
#include "core/log/stream_digest.hpp"

namespace fl::log {

/// A log that is being filled from a file. Until `finish`, what was appended cannot be taken for a
/// whole log: nobody else opens it. Given up, or cut off by a crash, it stays so, and the next
/// beginning goes on with it.
class LogImport {
 public:
  virtual ~LogImport() = default;
  virtual Log& log() = 0;            ///< not after `finish`
  virtual bool resumed() const = 0;  ///< an earlier import was not finished
  virtual Status finish() = 0;       ///< it is a log like any other now
};

/// Reads a whole file, and gives its streams' digests when every byte is as it was written.
Result<std::vector<StreamDigest>> check_file(const std::filesystem::path& file,
                                             const LogProgress& progress);

/// Appends what the file holds to a log of the same streams. What stands there already must be how
/// the file begins. Gives the digests of what was read from the file. In memory for some megabytes.
/// Errors: conflict `import_differs`, naming the position; as the file's and the log's.
Result<std::vector<StreamDigest>> import_records(LogFileScanner& file, Log& log,
                                                 const LogProgress& progress);

/// The error of a stream that holds something already.
Failure not_empty(Stream stream, PartitionIndex partition, Offset end);
/// Error: conflict `log_not_empty`, naming the stream.
Status check_empty(LogReader& log);

}  // namespace fl::log

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/base/sha256.hpp"
#include "core/base/time.hpp"
#include "core/log/log.hpp"

/// The export file: a log, or some of its streams, in one portable file (FORMAT.md). Any changed
/// byte, missing or added end, or change of order is found; errors are unavailable `log_damaged`
/// and name the record and the byte.
namespace fl::log {

struct LogFileHeader {
  std::string ledger_id;  ///< opaque, up to 256 bytes
  Instant created;
  std::vector<StreamConfig> streams;  ///< distinct, in the order of Stream

  bool operator==(const LogFileHeader&) const = default;
};

/// What a file says of itself at its end.
struct LogFileTrailer {
  struct Place {
    Stream stream;
    PartitionIndex partition;
    std::uint64_t records;
    Offset end;
    bool operator==(const Place&) const = default;
  };
  std::vector<Place> places;
  Digest digest;  ///< SHA-256 of everything before it

  bool operator==(const LogFileTrailer&) const = default;
};

/// Writes a file next to its final name, which it gets, synced, by `finish`; given up before that
/// it leaves nothing. Not thread-safe. Errors: conflict `file_exists`, malformed `bad_header`,
/// `out_of_order`, unavailable `file_unwritable`.
class LogFileWriter {
 public:
  static Result<std::unique_ptr<LogFileWriter>> create(const std::filesystem::path& path,
                                                       const LogFileHeader& header);
  ~LogFileWriter();

  /// Records go in the order of stream, partition, offset; on a stream that is not compacted
  /// without a gap.
  Status add(Stream stream, PartitionIndex partition, const Record& record);
  /// Notes where a compacted partition ends, when that is beyond its last record.
  Status set_end(Stream stream, PartitionIndex partition, Offset end);
  Result<LogFileTrailer> finish();

 private:
  struct State;
  explicit LogFileWriter(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Reads a file once, from front to end, in memory for one record. Not thread-safe.
class LogFileScanner {
 public:
  struct Entry {
    Stream stream = Stream::ledger;
    PartitionIndex partition = 0;
    Record record;
    std::uint64_t byte = 0;  ///< where the entry begins in the file
  };

  static Result<std::unique_ptr<LogFileScanner>> open(const std::filesystem::path& path);
  ~LogFileScanner();

  const LogFileHeader& header() const;
  /// The next record; nothing once the trailer was read and everything before it matches.
  Result<std::optional<Entry>> next();
  const LogFileTrailer& trailer() const;  ///< empty before `next` gave nothing

 private:
  struct State;
  explicit LogFileScanner(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// A file as a log to read. Opening scans all of it. The file must not be changed meanwhile: each
/// record is checked again when it is read.
class LogFileReader : public LogReader {
 public:
  static Result<std::unique_ptr<LogFileReader>> open(const std::filesystem::path& path);
  ~LogFileReader() override;

  const LogFileHeader& header() const;
  const LogFileTrailer& trailer() const;
  const std::vector<StreamConfig>& streams() const override;
  Result<std::vector<Record>> read(Stream stream, PartitionIndex partition, Offset from,
                                   std::size_t max_records, std::size_t max_bytes) override;
  Result<Offset> end(Stream stream, PartitionIndex partition) override;

 private:
  struct State;
  explicit LogFileReader(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fl::log

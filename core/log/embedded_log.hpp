#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/log/embedded_options.hpp"
#include "core/log/log.hpp"

namespace fl::log {

class EmbeddedStore;

/// The log on one machine: a RocksDB database of its own (FORMAT.md). Every append is in the
/// write-ahead log and synced before it is readable, announced or acknowledged. One process has a
/// data directory at a time. Nothing is ever removed but what a newer record of its key replaces on
/// a compacted stream.
class EmbeddedLog : public Log {
 public:
  using Options = EmbeddedOptions;

  /// Makes the log when the directory holds none. Cuts off a last write that was torn by a crash
  /// (never one that was acknowledged). Errors: conflict `log_in_use`; refused
  /// `log_config_differs`, `log_format_unknown`; malformed `bad_streams`; unavailable `log_damaged`
  /// (naming file and byte where it can), `log_unreadable`.
  static Result<std::unique_ptr<EmbeddedLog>> open(const std::filesystem::path& path,
                                                   std::vector<StreamConfig> streams,
                                                   Options options = {});
  ~EmbeddedLog() override;  ///< closes; no call may be under way

  const std::vector<StreamConfig>& streams() const override;
  Result<Offset> append(Stream stream, PartitionIndex partition,
                        std::span<const NewRecord> records) override;
  Result<std::vector<Record>> read(Stream stream, PartitionIndex partition, Offset from,
                                   std::size_t max_records, std::size_t max_bytes) override;
  Result<Offset> end(Stream stream, PartitionIndex partition) override;
  bool wait_beyond(Stream stream, PartitionIndex partition, Offset offset,
                   std::chrono::milliseconds at_most) override;
  void set_listener(Listener listener) override;

  /// Called once, from an appending thread, when a write fails: from then on every append is
  /// refused, and the process must end. Quick; must not append. Set before appends are under way.
  using FailureListener = std::function<void(const Error&)>;
  void set_failure_listener(FailureListener listener);
  void stop_waiting() override;
  /// The one member there is has everything: who joins the group again shares nothing.
  Result<std::unique_ptr<WorkShare>> join(std::string_view group,
                                          const std::vector<Stream>& streams) override;

  /// Rewrites the compacted streams: when it returns, no file of the log holds a replaced value.
  /// (Blocks of deleted files are the file system's.) Also an erasure's last step.
  Status compact();
  /// Reads every table file and compares it with the checksum noted when it was written.
  Status verify_files();
  /// Stops waiters, refuses appends, moves everything out of the write-ahead log, and closes.
  /// Afterwards appends and reads are refused with `log_failed`. After a failed append nothing more
  /// is written. Not with reads under way.
  Status close();

 private:
  struct Parts;
  explicit EmbeddedLog(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

/// A stopped log for auditors. Writes nothing, not even a lock file; refuses a directory that a
/// server is running on. After a crash it reads the write-ahead log, and leaves it as it is.
class EmbeddedLogReader : public LogReader {
 public:
  static Result<std::unique_ptr<EmbeddedLogReader>> open(const std::filesystem::path& path);
  ~EmbeddedLogReader() override;

  const std::vector<StreamConfig>& streams() const override;
  Result<std::vector<Record>> read(Stream stream, PartitionIndex partition, Offset from,
                                   std::size_t max_records, std::size_t max_bytes) override;
  Result<Offset> end(Stream stream, PartitionIndex partition) override;
  Status verify_files();  ///< as EmbeddedLog's

 private:
  struct Parts;
  explicit EmbeddedLogReader(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace fl::log

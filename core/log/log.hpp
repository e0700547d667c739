#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace fl::log {

class WorkShare;

/// The durable streams of the design. `live` is not among them: it is never replayed
/// (live_bus.hpp). The numbers stand in stored data: never reused.
enum class Stream : std::uint8_t { ledger = 0, activity = 1, jobs = 2, secrets = 3 };
inline constexpr std::size_t kStreams = 4;
const char* to_string(Stream stream);

using Offset = std::uint64_t;  ///< dense from 0, except on a compacted stream
using PartitionIndex = std::uint32_t;

/// Where a record stands.
struct Position {
  Stream stream = Stream::ledger;
  PartitionIndex partition = 0;
  Offset offset = 0;
  auto operator<=>(const Position&) const = default;
};
std::string to_string(const Position& position);  ///< "ledger/0@17"

struct Record {
  Offset offset = 0;
  std::string key;    ///< on a compacted stream the latest record of a key replaces earlier ones
  std::string value;  ///< empty on a compacted stream: the key is deleted

  bool operator==(const Record&) const = default;
};

/// What is to be appended.
struct NewRecord {
  std::string key;
  std::string value;
};

struct StreamConfig {
  Stream stream = Stream::ledger;
  PartitionIndex partitions = 1;
  bool compacted = false;  ///< only `secrets`

  bool operator==(const StreamConfig&) const = default;
};

/// The limit of one record's value, everywhere (a ledger batch is at most this).
inline constexpr std::size_t kMaxRecordBytes = 4 * 1024 * 1024;
inline constexpr std::size_t kMaxKeyBytes = 1024;
/// The limit of one append: all its keys and values together, and what a record takes besides. With
/// Kafka's framing it fits a record set of 8 MiB, which is what makes an append all or none there.
inline constexpr std::size_t kMaxAppendBytes = 8 * 1024 * 1024 - 64 * 1024;
inline constexpr std::size_t kRecordOverhead = 64;
inline constexpr PartitionIndex kMaxPartitions = 1024;

/// What the records count against the limit of an append.
std::size_t append_size(std::span<const NewRecord> records);

/// Codes of errors that mean the same in every implementation.
inline constexpr const char* kLogFailed = "log_failed";  ///< unavailable: appends are over
/// retry: the append may be in the log or not, or come later; the log goes on.
inline constexpr const char* kAppendUnknown = "append_unknown";
/// unavailable: it cannot be asked now, and may be in a while.
inline constexpr const char* kLogUnreachable = "log_unreachable";
inline constexpr const char* kLogDamaged = "log_damaged";  ///< unavailable: stored data is wrong
inline constexpr const char* kLogInUse = "log_in_use";     ///< conflict: another process has it

/// What can be read of a log: the running one, a stopped data directory, or an exported file. An
/// auditor needs no more. Thread-safe.
class LogReader {
 public:
  virtual ~LogReader() = default;

  /// What this log holds, in the order of Stream.
  virtual const std::vector<StreamConfig>& streams() const = 0;
  PartitionIndex partitions(Stream stream) const;  ///< 0 when the log does not hold the stream

  /// Up to `max_records` and about `max_bytes` from `from` on (at least one record when there is
  /// one). Empty at the end. Errors: malformed (no such partition); unavailable `log_damaged`, with
  /// the position in the message, when a record cannot be read, is not what was written, or is
  /// missing in the middle (offsets of a compacted stream are sparse: there nothing can be missed).
  virtual Result<std::vector<Record>> read(Stream stream, PartitionIndex partition, Offset from,
                                           std::size_t max_records, std::size_t max_bytes) = 0;

  /// The offset that the next record will have.
  virtual Result<Offset> end(Stream stream, PartitionIndex partition) = 0;
};

/// The port of the log. Every implementation passes the same contract suite (tests/log).
/// Thread-safe. After an append fails with `unavailable`, the outcome of that append is unknown,
/// the log refuses every further append, and the process must stop and recover: a failed fsync is
/// never retried. Reads go on. After `retry` only that append's outcome is unknown.
class Log : public LogReader {
 public:
  /// Appends the records in order, all or none, and returns the offset of the first once all are
  /// durable; they follow one another without a gap. Concurrent appends share a sync. Errors:
  /// malformed (nothing to append, key or record or all of them too large, no such partition, no
  /// key on a compacted stream), unavailable `log_failed` (storage), retry `append_unknown`.
  virtual Result<Offset> append(Stream stream, PartitionIndex partition,
                                std::span<const NewRecord> records) = 0;

  /// One record, without waiting where the log can do that: `done` is called once, with what
  /// `append` returns, from a thread of the log or before this returns. What one thread appends to
  /// one partition keeps its order. Must be quick; must not append.
  using Appended = std::function<void(Result<Offset>)>;
  virtual void append_later(Stream stream, PartitionIndex partition, NewRecord record,
                            Appended done);

  /// Blocks until the end is above `offset`, or the time is over, or `stop_waiting` was called.
  /// True when the end is above.
  virtual bool wait_beyond(Stream stream, PartitionIndex partition, Offset offset,
                           std::chrono::milliseconds at_most) = 0;

  /// Called after appends became readable, from an appending thread, with the new end; for one
  /// partition the ends only rise, and appends that shared a sync may share a call. Must be quick
  /// and must not append. Set before the first append.
  using Listener = std::function<void(Stream, PartitionIndex, Offset end)>;
  virtual void set_listener(Listener listener) = 0;

  /// Wakes every waiter for good; used at shutdown.
  virtual void stop_waiting() = 0;

  /// Makes this process a member of a consumer group that shares the partitions of these streams,
  /// which it may or may not be given (work_share.hpp). Every member names the same streams. The
  /// share goes before the log. Errors: malformed `bad_group`, `no_such_partition` (of a stream
  /// that the log does not hold), `bad_kafka_settings`.
  virtual Result<std::unique_ptr<WorkShare>> join(std::string_view group,
                                                  const std::vector<Stream>& streams) = 0;
};

/// The checks of `append`'s arguments that every implementation shares.
Status check_append(const std::vector<StreamConfig>& streams, Stream stream,
                    PartitionIndex partition, std::span<const NewRecord> records);
/// The error of a partition that the log does not hold.
Status check_partition(const std::vector<StreamConfig>& streams, Stream stream,
                       PartitionIndex partition);
/// The error of a group name that is empty or above 256 bytes, or of a stream that is not held.
Status check_join(const std::vector<StreamConfig>& streams, std::string_view group,
                  const std::vector<Stream>& wanted);
Failure damaged(const Position& at, std::string_view what);

}  // namespace fl::log

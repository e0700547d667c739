#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"

namespace fl::log {

/// The durable streams of the design. `live` is not among them: it is never replayed, and lives in
/// memory.
enum class Stream : std::uint8_t { ledger = 0, activity = 1, jobs = 2, secrets = 3 };
const char* to_string(Stream stream);

using Offset = std::uint64_t;  ///< dense on the ledger: 0, 1, 2, …
using PartitionIndex = std::uint32_t;

/// Where a record stands.
struct Position {
  Stream stream = Stream::ledger;
  PartitionIndex partition = 0;
  Offset offset = 0;
  auto operator<=>(const Position&) const = default;
};

struct Record {
  Offset offset = 0;
  std::string key;    ///< on a compacted stream the latest record of a key replaces earlier ones
  std::string value;  ///< empty on a compacted stream: the key is deleted
};

/// What is to be appended.
struct NewRecord {
  std::string key;
  std::string value;
};

struct StreamConfig {
  Stream stream;
  PartitionIndex partitions = 1;
  bool compacted = false;  ///< only `secrets`
};

/// The limit of one record's value, everywhere (a ledger batch is at most this).
inline constexpr std::size_t kMaxRecordBytes = 4 * 1024 * 1024;

/// The port of the log. Every implementation passes the same contract suite (tests/log).
/// Thread-safe. After an append fails with `unavailable`, the outcome of that append is unknown,
/// the log refuses every further append, and the process must stop and recover: a failed fsync is
/// never retried.
class Log {
 public:
  virtual ~Log() = default;

  virtual PartitionIndex partitions(Stream stream) const = 0;

  /// Appends the records in order, all or none, and returns the offset of the first once all are
  /// durable. Concurrent appends share a sync. Errors: malformed (record too large, no such
  /// partition), unavailable (storage).
  virtual Result<Offset> append(Stream stream, PartitionIndex partition,
                                std::span<const NewRecord> records) = 0;

  /// Up to `max_records` and about `max_bytes` from `from` on (at least one record when there is
  /// one). Empty at the end. Error: unavailable with the position in the message, when a record
  /// cannot be read or one is missing in the middle.
  virtual Result<std::vector<Record>> read(Stream stream, PartitionIndex partition, Offset from,
                                           std::size_t max_records, std::size_t max_bytes) = 0;

  /// The offset that the next record will have.
  virtual Result<Offset> end(Stream stream, PartitionIndex partition) = 0;

  /// Blocks until the end is above `offset`, or the time is over, or `stop_waiting` was called.
  /// True when the end is above.
  virtual bool wait_beyond(Stream stream, PartitionIndex partition, Offset offset,
                           std::chrono::milliseconds at_most) = 0;

  /// Called after each append becomes readable, from the appending thread, with the new end: must
  /// be quick. Set before the first append.
  using Listener = std::function<void(Stream, PartitionIndex, Offset end)>;
  virtual void set_listener(Listener listener) = 0;

  /// Wakes every waiter for good; used at shutdown.
  virtual void stop_waiting() = 0;

  /// The next offset that a consumer group should read; 0 for a new group.
  virtual Result<Offset> committed(std::string_view group, Stream stream,
                                   PartitionIndex partition) = 0;
  virtual Status commit(std::string_view group, Stream stream, PartitionIndex partition,
                        Offset next) = 0;
};

}  // namespace fl::log

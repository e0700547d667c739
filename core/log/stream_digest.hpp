#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include "core/base/sha256.hpp"
#include "core/log/log.hpp"

namespace fl::log {

/// What a stream holds, in 32 bytes that two logs may be compared by: SHA-256 over its records in
/// the order of partition and offset, of each the partition u32, key bytes and value bytes
/// (FORMAT.md). Offsets are not in it: a dense stream's follow from the order, and a compacted
/// stream may be stored more densely.
struct StreamDigest {
  Stream stream = Stream::ledger;
  PartitionIndex partitions = 0;
  std::uint64_t records = 0;
  Digest digest;

  bool operator==(const StreamDigest&) const = default;
};

/// How far a long reading of a partition is.
using LogProgress = std::function<void(Stream, PartitionIndex, Offset done, Offset end)>;

/// Takes the records of some streams as they come. Not thread-safe.
class StreamDigests {
 public:
  explicit StreamDigests(const std::vector<StreamConfig>& streams);
  void add(Stream stream, PartitionIndex partition, const Record& record);
  std::vector<StreamDigest> finish();  ///< in the order of Stream

 private:
  struct State {
    StreamDigest so_far;
    Sha256 hash;
  };
  std::map<Stream, State> states_;
};

/// Of all streams of a log, in memory for a bite of records.
Result<std::vector<StreamDigest>> digests_of(LogReader& log, const LogProgress& progress);

/// Calls `take` with each record of a partition below `end`, until it fails.
Status for_each_record(LogReader& log, Stream stream, PartitionIndex partition, Offset end,
                       const std::function<Status(const Record&)>& take,
                       const LogProgress& progress);

}  // namespace fl::log

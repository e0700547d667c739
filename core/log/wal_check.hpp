#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/error.hpp"

namespace fl::log {

/// What stands in the write-ahead logs of a stopped database.
struct WalEnd {
  std::uint64_t last_sequence = 0;  ///< of the last whole write; 0 when there is none
  std::filesystem::path torn_file;  ///< empty when every byte belongs to a whole write
  std::uint64_t torn_at = 0;        ///< where the torn write begins in `torn_file`
};

/// Reads every write-ahead log (`*.log`) in the directory, and tells a torn tail from damage.
///
/// RocksDB cannot tell them apart well: its strict modes refuse a tail that a power loss left with
/// holes, its lenient ones cut silently at the first bad byte, and all but the strictest take a
/// changed length near the end of a file for a write cut short. But every write here is synced
/// before the next begins, so only the last one can be torn: a bad place with the start of another
/// write anywhere behind it is damage, and anything else is the tail. (A torn tail shorter than
/// what was acknowledged is the AcknowledgedMark's to refuse.)
///
/// Error: unavailable `log_damaged`, naming the file and the byte.
Result<WalEnd> check_wals(const std::filesystem::path& directory);

}  // namespace fl::log

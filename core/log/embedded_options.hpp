#pragma once

#include <cstddef>

namespace fl::log {

/// What may be tuned of the embedded log. What its safety rests on may not (embedded_store.cpp).
struct EmbeddedOptions {
  std::size_t memtable_bytes = 64 * 1024 * 1024;  ///< of one stream, before it goes to a table file
  std::size_t wal_bytes = 256 * 1024 * 1024;      ///< of write-ahead log, before all streams go
  std::size_t group_bytes = 8 * 1024 * 1024;      ///< of appends that share one sync
  int background_jobs = 2;
  /// A log that is there keeps its partitions, though others are asked for: it may have come from
  /// elsewhere, and what stands in them rests on how many there are.
  bool keep_partitions = false;
};

}  // namespace fl::log

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/log/log.hpp"
#include "projections/ledger_reader.hpp"
#include "projections/position_token.hpp"
#include "projections/projection.hpp"

namespace fl::projections {

/// Where a proof reads the log: a running log, a copy, or a server. Records from `from` on, in
/// order; none at the end.
using ReadRecords = std::function<Result<std::vector<log::Record>>(
    log::Stream, log::PartitionIndex, log::Offset from, std::size_t max_records)>;

struct Difference {
  std::string projection;
  std::string key;          ///< hex; empty: of the projection as a whole
  std::string what;         ///< "row missing", "row not derived from the log", "row differs", …
  bool unreadable = false;  ///< the disk does not give what was written: `what` is its word
};

struct VerifyReport {
  std::vector<Difference> differences;  ///< at most as many as asked for
  std::uint64_t found = 0;              ///< all of them
  std::uint64_t rows = 0;               ///< compared
  std::uint64_t ledger_records = 0;     ///< read again
  std::uint64_t activity_records = 0;
};

/// Derives the read models anew from the log, in an empty scratch directory (left to the caller to
/// remove), up to the very positions at which the live ones stand, and compares every row. A live
/// one that cannot be read, or stands where the log has nothing, is a difference, and the others
/// are compared. Errors: the log or the scratch cannot be read.
Result<VerifyReport> verify(const View& live, const std::vector<Projection*>& projections,
                            const ReadRecords& read, const OpenLedgerReader& open_reader,
                            const std::filesystem::path& scratch,
                            std::size_t max_differences = 100);

}  // namespace fl::projections

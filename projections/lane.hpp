#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/log/log.hpp"
#include "projections/ledger_reader.hpp"
#include "projections/projection.hpp"
#include "projections/projection_position.hpp"

namespace fl::projections {

/// Records from `from` on, in order; none at the end.
using ReadBounded = std::function<Result<std::vector<log::Record>>(
    log::Stream, log::PartitionIndex, log::Offset from, std::size_t max_records,
    std::size_t max_bytes)>;

/// How much one bite may be.
struct BiteLimits {
  std::size_t events = 0;
  std::size_t bytes = 0;
};

/// Projections that stand at one position and go on together: each record is read and decoded once.
/// Used by one thread. StorageError passes through.
class Lane {
 public:
  static Result<Lane> open(Store& store, std::vector<Projection*> projections, Progress progress,
                           const OpenLedgerReader& open_reader);

  const Progress& progress() const { return progress_; }
  const std::vector<Projection*>& projections() const { return projections_; }

  /// Applies what the limits allow of what lies between its position and `up_to` (or the end), and
  /// commits it with the new position. The number of events read; 0: nothing was there.
  Result<std::size_t> bite(const ReadBounded& read, const BiteLimits& limits,
                           const std::optional<Progress>& up_to);

  /// Takes over the projections of a lane at the same position.
  void join(Lane&& other);

  std::uint64_t ledger_records() const { return ledger_records_; }
  std::uint64_t activity_records() const { return activity_records_; }

 private:
  struct Bite {
    std::size_t events = 0;
    std::size_t bytes = 0;
  };
  explicit Lane(Store& store) : store_(&store) {}
  void add(Projection& projection);
  Status read_partition(const ReadBounded& read, const BiteLimits& limits, log::Stream stream,
                        log::PartitionIndex partition, std::optional<log::Offset> up_to,
                        Bite& bite);
  Status apply_ledger(const log::Record& record, Bite& bite);
  Status apply_activity(log::PartitionIndex partition, const log::Record& record, Bite& bite);
  Status commit();

  Store* store_;
  std::vector<Projection*> projections_;
  std::vector<std::unique_ptr<Txn>> transactions_;  // of each projection
  std::unique_ptr<LedgerReader> reader_;
  Progress progress_;
  std::uint64_t ledger_records_ = 0;
  std::uint64_t activity_records_ = 0;
};

}  // namespace fl::projections

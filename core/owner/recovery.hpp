#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "core/base/error.hpp"
#include "core/ledger/replica.hpp"
#include "core/log/log.hpp"
#include "core/owner/snapshot_store.hpp"

namespace fl::owner {

struct Recovered {
  std::unique_ptr<ledger::Replica> replica;
  Digest last_record;          ///< SHA-256 of the last record folded
  std::uint64_t replayed = 0;  ///< records read after the snapshot
};

/// Called now and then while records are folded: (folded, end of the log).
using Progress = std::function<void(std::uint64_t, std::uint64_t)>;

/// There is no ledger in this log yet.
Failure ledger_empty();

/// A replica where the snapshot stands, or at the beginning when there is none; nothing is read
/// after it. Halts as `recover`.
Result<Recovered> load_snapshot(log::Log& log, SnapshotStore* snapshots);

/// Brings a replica to the end of the ledger: the snapshot, then the tail; everything when there is
/// no snapshot. Halts, by an error, when the log ends below the snapshot, or its record there is
/// not the one that was folded: the log was cut or replaced behind our back.
Result<Recovered> recover(log::Log& log, SnapshotStore* snapshots, const Progress& progress = {});

/// Folds what the log holds beyond the replica.
Status follow(log::Log& log, ledger::Replica& replica, Digest& last_record,
              const Progress& progress = {});

}  // namespace fl::owner

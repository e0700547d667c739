#pragma once

#include <filesystem>
#include <memory>

#include "core/base/error.hpp"
#include "core/events/chain.hpp"
#include "core/ledger/state.hpp"

namespace rocksdb {
class DB;
class WriteBatch;
}  // namespace rocksdb

namespace fl::owner {

/// The decision state on disk, behind the log: the rows that changed and the position, in one
/// write. It holds confirmed state only. It may be lost without harm: the log is the truth. Not
/// thread-safe: the owner's thread uses it.
class SnapshotStore {
 public:
  static Result<std::unique_ptr<SnapshotStore>> open(const std::filesystem::path& directory);
  ~SnapshotStore();

  /// Fills an empty state and chain. False when there is no snapshot yet.
  Result<bool> load(ledger::State& state, events::ChainState& chain, Digest& last_record) const;

  /// Saves what changed since the last save or load. `last_record` is SHA-256 of the last record
  /// folded, so that a log that was replaced behind our back is noticed. After an error the store
  /// takes nothing more, and the snapshot before it stands.
  Status save(ledger::State& state, const events::ChainState& chain, const Digest& last_record);

  /// Forgets everything, for a rebuild from the log.
  Status clear();

 private:
  SnapshotStore(std::filesystem::path directory, std::unique_ptr<rocksdb::DB> db);
  Status write(rocksdb::WriteBatch& batch);
  const std::filesystem::path directory_;
  std::unique_ptr<rocksdb::DB> db_;
};

}  // namespace fl::owner

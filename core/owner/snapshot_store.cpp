#include "core/owner/snapshot_store.hpp"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include "core/base/encoding.hpp"
#include "core/ledger/state_codec.hpp"
#include "core/log/rocksdb_guard.hpp"

namespace fl::owner {
namespace {

constexpr std::uint8_t kVersion = 1;
const std::string kPositionKey(1, '\0');  // below every table's tag

Failure broken(const std::string& what) {
  return fail(ErrorClass::unavailable, "snapshot_unusable", "snapshot",
              what + "; remove the snapshot folder to rebuild it from the log");
}

}  // namespace

SnapshotStore::SnapshotStore(std::filesystem::path directory, std::unique_ptr<rocksdb::DB> db)
    : directory_(std::move(directory)), db_(std::move(db)) {}
SnapshotStore::~SnapshotStore() = default;

Result<std::unique_ptr<SnapshotStore>> SnapshotStore::open(const std::filesystem::path& directory) {
  rocksdb::Options options;
  options.create_if_missing = true;
  options.write_buffer_size = 32 << 20;
  options.max_background_jobs = 2;
  log::RocksdbGuard::install(options, "snapshot");
  rocksdb::DB* db = nullptr;
  // Made by us: RocksDB would warn of a folder that is not there yet.
  std::error_code made;
  std::filesystem::create_directories(directory, made);
  const auto status = rocksdb::DB::Open(options, directory.string(), &db);
  if (!status.ok()) return broken(status.ToString());
  return std::unique_ptr<SnapshotStore>(
      new SnapshotStore(directory, std::unique_ptr<rocksdb::DB>(db)));
}

Result<bool> SnapshotStore::load(ledger::State& state, events::ChainState& chain,
                                 Digest& last_record) const {
  std::string position;
  const auto found = db_->Get(rocksdb::ReadOptions(), kPositionKey, &position);
  if (found.IsNotFound()) return false;
  if (!found.ok()) return broken(found.ToString());
  BinaryReader in(position);
  if (in.u8() != kVersion) return false;  // of another version of this program: rebuild
  last_record = Digest::from(in.raw(32));
  const auto decoded = events::ChainState::decode(in.rest());
  if (!decoded) return broken("its position cannot be read");
  chain = *decoded;
  std::unique_ptr<rocksdb::Iterator> rows(db_->NewIterator(rocksdb::ReadOptions()));
  for (rows->Seek(std::string(1, '\1')); rows->Valid(); rows->Next()) {
    const auto key = rows->key().ToStringView();
    const auto tag = static_cast<ledger::TableTag>(key.front());
    if (!ledger::restore_row(state, tag, key.substr(1), rows->value().ToStringView())) {
      return broken("a row cannot be read");
    }
  }
  if (!rows->status().ok()) return broken(rows->status().ToString());
  return true;
}

Status SnapshotStore::save(ledger::State& state, const events::ChainState& chain,
                           const Digest& last_record) {
  rocksdb::WriteBatch batch;
  ledger::drain_changes(state,
                        [&](ledger::TableTag tag, std::string_view key, std::string_view row) {
                          std::string full;
                          put_u8(full, static_cast<std::uint8_t>(tag));
                          batch.Put(full.append(key), rocksdb::Slice(row.data(), row.size()));
                        });
  std::string position;
  put_u8(position, kVersion);
  position.append(last_record.view()).append(chain.encode());
  batch.Put(kPositionKey, position);
  return write(batch);
}

Status SnapshotStore::clear() {
  const std::string first(1, '\0');
  const std::string last(1, '\xff');
  rocksdb::WriteBatch batch;
  batch.DeleteRange(first, last);
  return write(batch);
}

/// Without a write-ahead log: until it is flushed, the snapshot before stands, which is as good,
/// only slower to start from.
Status SnapshotStore::write(rocksdb::WriteBatch& batch) {
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  auto status = db_->Write(options, &batch);
  if (status.ok()) status = db_->Flush(rocksdb::FlushOptions());
  if (status.ok()) return {};
  return fail(ErrorClass::unavailable, "snapshot_failed", "snapshot",
              fmt::format("the snapshot in {} cannot be written: {}", directory_.string(),
                          status.ToString()));
}

}  // namespace fl::owner

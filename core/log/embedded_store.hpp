#pragma once

#include <rocksdb/db.h>

#include <array>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "core/log/acknowledged_mark.hpp"
#include "core/log/data_lock.hpp"
#include "core/log/embedded_options.hpp"
#include "core/log/log.hpp"
#include "core/log/wal_check.hpp"

namespace fl::log {

/// The RocksDB database below the embedded log: how it is opened, checked, read and flushed. It
/// knows the layout and the guards, but no appends. Reads are thread-safe.
class EmbeddedStore {
 public:
  static Result<std::unique_ptr<EmbeddedStore>> open(const std::filesystem::path& path,
                                                     std::vector<StreamConfig> streams,
                                                     const EmbeddedOptions& options);
  static Result<std::unique_ptr<EmbeddedStore>> open_read_only(const std::filesystem::path& path);
  ~EmbeddedStore();
  EmbeddedStore(const EmbeddedStore&) = delete;
  EmbeddedStore& operator=(const EmbeddedStore&) = delete;

  const std::vector<StreamConfig>& streams() const { return streams_; }
  bool compacted(Stream stream) const;
  rocksdb::DB& db() { return *db_; }
  rocksdb::ColumnFamilyHandle* records(Stream stream) const;
  rocksdb::ColumnFamilyHandle* meta() const { return families_[0]; }
  rocksdb::ColumnFamilyHandle* groups() const { return families_[1]; }
  rocksdb::ColumnFamilyHandle* key_index() const { return families_[2]; }

  /// The stored end of a partition, checked against its first and its last record.
  Result<Offset> load_end(Stream stream, PartitionIndex partition);

  /// As in the port, of records below `end`.
  Result<std::vector<Record>> read(Stream stream, PartitionIndex partition, Offset from, Offset end,
                                   std::size_t max_records, std::size_t max_bytes);

  /// A u64 of any family; nothing when the key is absent.
  Result<std::optional<std::uint64_t>> get_u64(rocksdb::ColumnFamilyHandle* family,
                                               const std::string& key);

  Status verify_files();
  /// Moves everything from the write-ahead log into table files.
  Status flush();
  /// Rewrites the compacted streams, so that what was replaced is in no file any more.
  Status compact();
  /// Notes that everything written so far is durable.
  Status mark_acknowledged();
  /// Flushes (unless `failed`) and closes the database; the directory stays locked until the end.
  Status close(bool failed);

 private:
  EmbeddedStore(std::filesystem::path path, DataLock lock);
  Status prepare_directory();
  Status open_database(const EmbeddedOptions& options, bool read_only, bool torn);
  Status check_mark(std::uint64_t mark, const WalEnd& wals);
  Status load_config();
  Status settle_config(std::vector<StreamConfig> wanted, bool keep_partitions);
  void release();

  std::filesystem::path path_;
  DataLock lock_;
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  std::vector<StreamConfig> streams_;
  std::optional<AcknowledgedMark> mark_;
};

/// A RocksDB status as ours: `log_damaged` for corruption, else `code`.
Failure storage_failure(const rocksdb::Status& status, const char* code, std::string_view what);

}  // namespace fl::log

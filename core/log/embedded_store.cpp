#include "core/log/embedded_store.hpp"

#include <fmt/format.h>
#include <rocksdb/convenience.h>
#include <rocksdb/file_checksum.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/table.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/base/encoding.hpp"
#include "core/log/embedded_layout.hpp"
#include "core/log/rocksdb_guard.hpp"
#include "core/log/wal_check.hpp"

namespace fl::log {

namespace {

constexpr Stream kAllStreams[] = {Stream::ledger, Stream::activity, Stream::jobs, Stream::secrets};

rocksdb::DBOptions database_options(const EmbeddedOptions& options, bool read_only, bool torn) {
  rocksdb::DBOptions out;
  out.create_if_missing = out.create_missing_column_families = !read_only;
  out.paranoid_checks = true;
  // check_wals has cut a torn tail off, so whatever RocksDB still finds wrong is damage. A reader
  // may cut nothing, and stops before a tail that check_wals found torn.
  out.wal_recovery_mode = read_only && torn ? rocksdb::WALRecoveryMode::kPointInTimeRecovery
                                            : rocksdb::WALRecoveryMode::kAbsoluteConsistency;
  out.recycle_log_file_num = 0;  // an old log's bytes behind the end would look like damage
  out.track_and_verify_wals_in_manifest = true;
  out.avoid_flush_during_recovery = false;  // what recovery shows to readers must be durable
  out.avoid_flush_during_shutdown = false;
  out.file_checksum_gen_factory = rocksdb::GetFileChecksumGenCrc32cFactory();
  out.max_total_wal_size = options.wal_bytes;
  out.enable_pipelined_write = out.unordered_write = out.manual_wal_flush = false;
  out.max_background_jobs = options.background_jobs;
  out.bytes_per_sync = 1024 * 1024;
  RocksdbGuard::install(out, "log");  // a failed write tells all that we ask
  return out;
}

rocksdb::ColumnFamilyOptions family_options(const EmbeddedOptions& options) {
  rocksdb::ColumnFamilyOptions out;
  out.write_buffer_size = options.memtable_bytes;
  out.max_write_buffer_number = 4;  // so that a burst does not wait for one table file
  // Sealed text does not compress, and a file that holds the bytes as they were written can be
  // searched for what must be gone.
  out.compression = out.bottommost_compression = rocksdb::kNoCompression;
  out.paranoid_file_checks = true;
  rocksdb::BlockBasedTableOptions table;
  table.block_size = 32 * 1024;
  table.checksum = rocksdb::kCRC32c;
  table.verify_compression = true;
  table.format_version = 5;
  out.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return out;
}

std::vector<rocksdb::ColumnFamilyDescriptor> family_descriptors(const EmbeddedOptions& options) {
  std::vector<rocksdb::ColumnFamilyDescriptor> out;
  for (const char* name : {layout::kMeta, layout::kGroups, layout::kKeyIndex})
    out.emplace_back(name, family_options(options));
  for (const auto stream : kAllStreams)
    out.emplace_back(to_string(stream), family_options(options));
  return out;
}

rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

/// The table files that are not what was written. RocksDB, when one keeps a database from being
/// opened, names the MANIFEST that leads to it.
std::string name_damaged_tables(const std::filesystem::path& path) {
  std::string names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    if (entry.path().extension() != ".sst") continue;
    rocksdb::SstFileReader reader{rocksdb::Options()};
    auto status = reader.Open(entry.path().string());
    if (status.ok()) status = reader.VerifyChecksum();
    if (status.IsCorruption()) names += " " + entry.path().filename().string();
  }
  return names.empty() ? names : ", since what is in these files is damaged:" + names;
}

Failure unusable(const std::filesystem::path& path, std::string_view why) {
  return fail(ErrorClass::unavailable, "log_unreadable", "path",
              fmt::format("The data directory {} cannot be used: {}.", path.string(), why));
}

}  // namespace

Failure storage_failure(const rocksdb::Status& status, const char* code, std::string_view what) {
  return fail(ErrorClass::unavailable, status.IsCorruption() ? kLogDamaged : code, "",
              fmt::format("{}: {}.", what, status.ToString()));
}

EmbeddedStore::EmbeddedStore(std::filesystem::path path, DataLock lock)
    : path_(std::move(path)), lock_(std::move(lock)) {}

EmbeddedStore::~EmbeddedStore() {
  release();
}

void EmbeddedStore::release() {
  if (!db_) return;
  for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
  families_.clear();
  db_.reset();
}

Result<std::unique_ptr<EmbeddedStore>> EmbeddedStore::open(const std::filesystem::path& path,
                                                           std::vector<StreamConfig> streams,
                                                           const EmbeddedOptions& options) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return unusable(path, error.message());
  auto lock = DataLock::take(path, DataLock::Use::write);
  if (!lock) return fail(lock.error());
  std::unique_ptr<EmbeddedStore> store(new EmbeddedStore(path, std::move(*lock)));
  if (auto ready = store->prepare_directory(); !ready) return fail(ready.error());
  if (auto opened = store->open_database(options, false, false); !opened)
    return fail(opened.error());
  if (auto settled = store->settle_config(std::move(streams), options.keep_partitions); !settled)
    return fail(settled.error());
  auto mark = AcknowledgedMark::open(path);
  if (!mark) return fail(mark.error());
  store->mark_.emplace(std::move(*mark));
  return store;
}

Result<std::unique_ptr<EmbeddedStore>> EmbeddedStore::open_read_only(
    const std::filesystem::path& path) {
  auto lock = DataLock::take(path, DataLock::Use::read);
  if (!lock) return fail(lock.error());
  const auto mark = AcknowledgedMark::load(path);
  if (!mark) return fail(mark.error());
  const auto wals = check_wals(path);
  if (!wals) return fail(wals.error());
  std::unique_ptr<EmbeddedStore> store(new EmbeddedStore(path, std::move(*lock)));
  if (auto opened = store->open_database({}, true, !wals->torn_file.empty()); !opened)
    return fail(opened.error());
  if (auto enough = store->check_mark(*mark, *wals); !enough) return fail(enough.error());
  if (auto loaded = store->load_config(); !loaded) return fail(loaded.error());
  return store;
}

/// Everything that must hold before RocksDB may write: its recovery deletes the evidence.
Status EmbeddedStore::prepare_directory() {
  const auto mark = AcknowledgedMark::load(path_);
  if (!mark) return fail(mark.error());
  const auto wals = check_wals(path_);
  if (!wals) return fail(wals.error());
  std::error_code error;
  const bool exists = std::filesystem::exists(path_ / "CURRENT", error);
  if (error) return unusable(path_, error.message());
  if (!exists && (*mark > 0 || wals->last_sequence > 0))
    return fail(
        ErrorClass::unavailable, kLogDamaged, "path",
        fmt::format("The log in {} is damaged: the file CURRENT is missing.", path_.string()));
  if (exists && *mark > wals->last_sequence) {
    // Either everything was flushed, or acknowledged writes are gone: look without writing.
    auto opened = open_database({}, true, !wals->torn_file.empty());
    auto enough = opened ? check_mark(*mark, *wals) : opened;
    release();
    if (!enough) return enough;
  }
  if (!wals->torn_file.empty()) {
    const auto size = std::filesystem::file_size(wals->torn_file, error);
    spdlog::warn(fmt::format("log: cut a write that was never acknowledged: {} from byte {} of {}",
                             wals->torn_file.string(), wals->torn_at, size));
    if (truncate(wals->torn_file.c_str(), static_cast<off_t>(wals->torn_at)) != 0)
      return unusable(path_, "its torn tail cannot be cut");
  }
  return {};
}

Status EmbeddedStore::open_database(const EmbeddedOptions& options, bool read_only, bool torn) {
  const auto db_options = database_options(options, read_only, torn);
  const auto descriptors = family_descriptors(options);
  rocksdb::DB* db = nullptr;
  const auto status =
      read_only
          ? rocksdb::DB::OpenForReadOnly(db_options, path_.string(), descriptors, &families_, &db)
          : rocksdb::DB::Open(db_options, path_.string(), descriptors, &families_, &db);
  if (!status.ok()) {
    families_.clear();
    const auto damaged = status.IsCorruption() ? name_damaged_tables(path_) : std::string();
    return storage_failure(
        status, "log_unreadable",
        fmt::format("The log in {} cannot be opened{}", path_.string(), damaged));
  }
  db_.reset(db);
  return {};
}

Status EmbeddedStore::check_mark(std::uint64_t mark, const WalEnd& wals) {
  const auto found = db_->GetLatestSequenceNumber();
  if (found >= mark) return {};
  const auto where = wals.torn_file.empty() ? std::string()
                                            : fmt::format("; {} cannot be read from byte {} on",
                                                          wals.torn_file.string(), wals.torn_at);
  return fail(ErrorClass::unavailable, kLogDamaged, "path",
              fmt::format("The log in {} is damaged: writes up to sequence number {} were "
                          "acknowledged, but only those up to {} are there{}.",
                          path_.string(), mark, found, where));
}

Status EmbeddedStore::load_config() {
  std::string stored;
  const auto status = db_->Get({}, meta(), layout::kConfigKey, &stored);
  if (status.IsNotFound())
    return fail(ErrorClass::refused, "not_a_log", "path",
                fmt::format("The directory {} holds no log.", path_.string()));
  if (!status.ok()) return storage_failure(status, "log_unreadable", "The log's configuration");
  auto streams = layout::parse_config(stored);
  if (!streams)
    return fail(
        ErrorClass::refused, "log_format_unknown", "path",
        fmt::format("The log in {} has a format that this version does not know.", path_.string()));
  streams_ = std::move(*streams);
  return {};
}

Status EmbeddedStore::settle_config(std::vector<StreamConfig> wanted, bool keep_partitions) {
  std::sort(wanted.begin(), wanted.end(),
            [](const auto& a, const auto& b) { return a.stream < b.stream; });
  const auto encoded = layout::encode_config(wanted);
  if (layout::parse_config(encoded) != wanted)
    return fail(
        ErrorClass::malformed, "bad_streams", "streams",
        fmt::format("Streams must be distinct, each with 1 to {} partitions.", kMaxPartitions));
  auto loaded = load_config();
  const auto same = [&](const StreamConfig& a, const StreamConfig& b) {
    return keep_partitions ? a.stream == b.stream && a.compacted == b.compacted : a == b;
  };
  if (loaded && !std::equal(streams_.begin(), streams_.end(), wanted.begin(), wanted.end(), same))
    return fail(
        ErrorClass::refused, "log_config_differs", "streams",
        fmt::format("The log in {} was made with other streams or partitions.", path_.string()));
  if (loaded || loaded.error().code != "not_a_log") return loaded;
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto status = db_->Put(synced, meta(), layout::kConfigKey, encoded);
  if (!status.ok()) return storage_failure(status, kLogFailed, "The log cannot be written");
  streams_ = std::move(wanted);
  return {};
}

bool EmbeddedStore::compacted(Stream stream) const {
  return std::any_of(streams_.begin(), streams_.end(), [&](const auto& config) {
    return config.stream == stream && config.compacted;
  });
}

rocksdb::ColumnFamilyHandle* EmbeddedStore::records(Stream stream) const {
  return families_[3 + static_cast<std::size_t>(stream)];
}

Result<std::optional<std::uint64_t>> EmbeddedStore::get_u64(rocksdb::ColumnFamilyHandle* family,
                                                            const std::string& key) {
  std::string stored;
  const auto status = db_->Get({}, family, key, &stored);
  if (status.IsNotFound()) return std::optional<std::uint64_t>();
  if (!status.ok()) return storage_failure(status, "log_unreadable", "The log cannot be read");
  const auto value = layout::decode_u64(stored);
  if (!value)
    return fail(ErrorClass::unavailable, kLogDamaged, "",
                fmt::format("The log is damaged: {} holds no number for {}.", family->GetName(),
                            to_hex(key)));
  return value;
}

Result<Offset> EmbeddedStore::load_end(Stream stream, PartitionIndex partition) {
  const auto stored = get_u64(meta(), layout::next_key(stream, partition));
  if (!stored) return fail(stored.error());
  const Offset end = stored->value_or(0);
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator({}, records(stream)));
  it->SeekForPrev(layout::record_key(partition, ~Offset{0}));
  const auto at_iterator = [&]() -> std::optional<Position> {
    if (!it->Valid()) return std::nullopt;
    const auto at = layout::parse_record_key(stream, it->key().ToStringView());
    return at && at->partition == partition ? at : std::nullopt;
  };
  const auto last = at_iterator();
  if (it->status().ok() && end != (last ? last->offset + 1 : 0))
    return damaged(
        {stream, partition, end > 0 ? end - 1 : 0},
        last ? fmt::format("the last record is {}, and the end is noted as {}", last->offset, end)
             : "no record is there");
  it->Seek(layout::record_key(partition, 0));
  const auto first = at_iterator();
  if (!it->status().ok()) return damaged({stream, partition, 0}, it->status().ToString());
  if (end > 0 && !compacted(stream) && (!first || first->offset != 0))
    return damaged({stream, partition, 0}, "the first record is missing");
  return end;
}

Result<std::vector<Record>> EmbeddedStore::read(Stream stream, PartitionIndex partition,
                                                Offset from, Offset end, std::size_t max_records,
                                                std::size_t max_bytes) {
  std::vector<Record> out;
  if (from >= end || max_records == 0) return out;
  const auto upper = layout::record_key(partition, end);
  const auto upper_slice = slice(upper);
  rocksdb::ReadOptions options;
  options.verify_checksums = true;
  options.fill_cache = false;  // readers go through once, forwards
  options.iterate_upper_bound = &upper_slice;
  const bool dense = !compacted(stream);
  std::unique_ptr<rocksdb::Iterator> it(db_->NewIterator(options, records(stream)));
  Position next{stream, partition, from};
  std::size_t bytes = 0;
  for (it->Seek(layout::record_key(partition, from)); it->Valid(); it->Next()) {
    const auto at = layout::parse_record_key(stream, it->key().ToStringView());
    if (!at || at->partition != partition || at->offset < next.offset)
      return damaged(next, "a key is not what was written");
    if (dense && at->offset != next.offset)
      return damaged(next, fmt::format("the record is missing, the next one is {}", at->offset));
    auto record = layout::parse_value(*at, it->value().ToStringView());
    if (!record) return damaged(*at, "the record's checksum does not match");
    const auto size = record->key.size() + record->value.size();
    if (!out.empty() && bytes + size > max_bytes) return out;
    bytes += size;
    out.push_back(std::move(*record));
    next.offset = at->offset + 1;
    if (out.size() >= max_records || bytes >= max_bytes) return out;
  }
  if (!it->status().ok()) return damaged(next, it->status().ToString());
  if (dense && next.offset != end) return damaged(next, "the record is missing");
  return out;
}

Status EmbeddedStore::verify_files() {
  const auto status = db_->VerifyFileChecksums({});
  if (status.ok()) return {};
  return storage_failure(status, "log_unreadable", "A file of the log is not what was written");
}

Status EmbeddedStore::flush() {
  rocksdb::FlushOptions options;
  options.wait = true;
  const auto status = db_->Flush(options, families_);
  if (!status.ok()) return storage_failure(status, kLogFailed, "The log cannot be flushed");
  return {};
}

Status EmbeddedStore::compact() {
  if (auto flushed = flush(); !flushed) return flushed;
  rocksdb::CompactRangeOptions options;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  std::vector<rocksdb::ColumnFamilyHandle*> families{key_index()};
  for (const auto& config : streams_)
    if (config.compacted) families.push_back(records(config.stream));
  for (auto* family : families) {
    const auto status = db_->CompactRange(options, family, nullptr, nullptr);
    if (!status.ok()) return storage_failure(status, kLogFailed, "The log cannot be compacted");
  }
  return {};
}

Status EmbeddedStore::mark_acknowledged() {
  return mark_->store(db_->GetLatestSequenceNumber());
}

Status EmbeddedStore::close(bool failed) {
  if (!db_) return {};
  Status result;
  if (!failed) result = flush();
  if (result && !failed) result = mark_acknowledged();
  if (result && !failed) result = mark_->sync();
  for (auto* family : families_) db_->DestroyColumnFamilyHandle(family);
  families_.clear();
  const auto status = db_->Close();
  db_.reset();
  if (result && !failed && !status.ok())
    return storage_failure(status, kLogFailed, "The log cannot be closed");
  return result;
}

}  // namespace fl::log

#include "core/log/embedded_log.hpp"

#include <rocksdb/write_batch.h>

#include <map>
#include <unordered_map>

#include "core/log/embedded_layout.hpp"
#include "core/log/embedded_store.hpp"
#include "core/log/group_commit.hpp"
#include "core/log/partition_ends.hpp"
#include "core/log/whole_share.hpp"

namespace fl::log {

namespace {

rocksdb::Slice slice(std::string_view bytes) {
  return {bytes.data(), bytes.size()};
}

Status load_ends(EmbeddedStore& store, PartitionEnds& ends) {
  for (const auto& config : store.streams()) {
    for (PartitionIndex partition = 0; partition < config.partitions; ++partition) {
      const auto end = store.load_end(config.stream, partition);
      if (!end) return fail(end.error());
      ends.publish(config.stream, partition, *end);
    }
  }
  return {};
}

Failure closed_log() {
  return fail(ErrorClass::unavailable, kLogFailed, "", "The log is closed.");
}

/// Turns a group of writes into one batch. Used by one thread at a time.
class BatchBuilder {
 public:
  using EndOf = std::map<std::pair<Stream, PartitionIndex>, Offset>;

  BatchBuilder(EmbeddedStore& store, const PartitionEnds& ends) : store_(store), ends_(ends) {}

  Status add(Write& write) {
    if (!write.group.empty())
      return done(batch_.Put(store_.groups(),
                             layout::group_key(write.group, write.stream, write.partition),
                             layout::encode_u64(write.offset)));
    auto& end =
        touched_
            .try_emplace({write.stream, write.partition}, ends_.get(write.stream, write.partition))
            .first->second;
    write.offset = end;
    for (const auto& record : write.records) {
      const Position at{write.stream, write.partition, end++};
      if (auto put = put_record(at, record); !put) return put;
      if (!store_.compacted(write.stream)) continue;
      if (auto replaced = replace(at, record.key); !replaced) return replaced;
    }
    return {};
  }

  /// Adds the new ends; afterwards the batch is whole.
  Result<rocksdb::WriteBatch*> finish() {
    for (const auto& [place, end] : touched_) {
      auto status = done(batch_.Put(store_.meta(), layout::next_key(place.first, place.second),
                                    layout::encode_u64(end)));
      if (!status) return fail(status.error());
    }
    return &batch_;
  }
  const EndOf& ends() const { return touched_; }

 private:
  static Status done(const rocksdb::Status& status) {
    if (status.ok()) return {};
    return storage_failure(status, kLogFailed, "The log cannot be written");
  }

  Status put_record(const Position& at, const NewRecord& record) {
    const auto key = layout::record_key(at.partition, at.offset);
    const auto head = layout::value_head(at, record.key, record.value);
    const rocksdb::Slice key_part = slice(key);
    const rocksdb::Slice parts[] = {slice(head), slice(record.key), slice(record.value)};
    return done(batch_.Put(store_.records(at.stream), rocksdb::SliceParts(&key_part, 1),
                           rocksdb::SliceParts(parts, 3)));
  }

  /// Removes the record that held the key before, in this batch or in the database.
  Status replace(const Position& at, const std::string& key) {
    auto index_key = layout::index_key(at.stream, at.partition, key);
    const auto here = in_batch_.find(index_key);
    std::optional<Offset> before;
    if (here != in_batch_.end()) {
      before = here->second;
    } else {
      const auto stored = store_.get_u64(store_.key_index(), index_key);
      if (!stored) return fail(stored.error());
      before = *stored;
    }
    if (before) {
      auto removed =
          done(batch_.Delete(store_.records(at.stream), layout::record_key(at.partition, *before)));
      if (!removed) return removed;
    }
    auto noted = done(batch_.Put(store_.key_index(), index_key, layout::encode_u64(at.offset)));
    in_batch_[std::move(index_key)] = at.offset;
    return noted;
  }

  EmbeddedStore& store_;
  const PartitionEnds& ends_;
  rocksdb::WriteBatch batch_;
  EndOf touched_;
  std::unordered_map<std::string, Offset> in_batch_;
};

}  // namespace

struct EmbeddedLog::Parts : GroupPositions {
  Parts(std::unique_ptr<EmbeddedStore> opened, const Options& options)
      : store(std::move(opened)),
        ends(store->streams()),
        commits(options.group_bytes, [this](auto writes) { return write_or_tell(writes); }) {}

  /// The first write that fails is told to whoever must end the process: it may come on any stream.
  Status write_or_tell(std::span<Write* const> writes) {
    auto status = write(writes);
    if (!status && !told) {
      told = true;
      if (on_failure) on_failure(status.error());
    }
    return status;
  }

  Status write(std::span<Write* const> writes) {
    BatchBuilder builder(*store, ends);
    for (auto* each : writes)
      if (auto added = builder.add(*each); !added) return added;
    const auto batch = builder.finish();
    if (!batch) return fail(batch.error());
    rocksdb::WriteOptions synced;
    synced.sync = true;
    const auto status = store->db().Write(synced, *batch);
    if (!status.ok()) return storage_failure(status, kLogFailed, "The log cannot be written");
    if (auto marked = store->mark_acknowledged(); !marked) return marked;
    for (const auto& [place, end] : builder.ends()) {
      ends.publish(place.first, place.second, end);
      if (listener) listener(place.first, place.second, end);
    }
    return {};
  }

  Result<std::optional<Offset>> committed(std::string_view group, Stream stream,
                                          PartitionIndex partition) override {
    if (auto right = check_partition(store->streams(), stream, partition); !right)
      return fail(right.error());
    if (closed) return closed_log();
    return store->get_u64(store->groups(), layout::group_key(group, stream, partition));
  }

  Status commit(std::string_view group, Stream stream, PartitionIndex partition,
                Offset next) override {
    Write one{stream, partition, {}, group, next, group.size()};
    return commits.submit(one);
  }

  std::unique_ptr<EmbeddedStore> store;
  PartitionEnds ends;
  Listener listener;
  FailureListener on_failure;
  bool told = false;  ///< guarded by GroupCommit: one write at a time
  GroupCommit commits;
  bool closed = false;
};

EmbeddedLog::EmbeddedLog(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

EmbeddedLog::~EmbeddedLog() {
  static_cast<void>(close());
}

Result<std::unique_ptr<EmbeddedLog>> EmbeddedLog::open(const std::filesystem::path& path,
                                                       std::vector<StreamConfig> streams,
                                                       Options options) {
  auto store = EmbeddedStore::open(path, std::move(streams), options);
  if (!store) return fail(store.error());
  auto parts = std::make_unique<Parts>(std::move(*store), options);
  if (auto loaded = load_ends(*parts->store, parts->ends); !loaded) return fail(loaded.error());
  return std::unique_ptr<EmbeddedLog>(new EmbeddedLog(std::move(parts)));
}

const std::vector<StreamConfig>& EmbeddedLog::streams() const {
  return parts_->store->streams();
}

Result<Offset> EmbeddedLog::append(Stream stream, PartitionIndex partition,
                                   std::span<const NewRecord> records) {
  if (auto right = check_append(streams(), stream, partition, records); !right)
    return fail(right.error());
  Write write{stream, partition, records, {}, 0, 0};
  for (const auto& record : records) write.bytes += record.key.size() + record.value.size();
  if (auto written = parts_->commits.submit(write); !written) return fail(written.error());
  return write.offset;
}

Result<std::vector<Record>> EmbeddedLog::read(Stream stream, PartitionIndex partition, Offset from,
                                              std::size_t max_records, std::size_t max_bytes) {
  if (auto right = check_partition(streams(), stream, partition); !right)
    return fail(right.error());
  if (parts_->closed) return closed_log();
  return parts_->store->read(stream, partition, from, parts_->ends.get(stream, partition),
                             max_records, max_bytes);
}

Result<Offset> EmbeddedLog::end(Stream stream, PartitionIndex partition) {
  if (auto right = check_partition(streams(), stream, partition); !right)
    return fail(right.error());
  return parts_->ends.get(stream, partition);
}

bool EmbeddedLog::wait_beyond(Stream stream, PartitionIndex partition, Offset offset,
                              std::chrono::milliseconds at_most) {
  if (!check_partition(streams(), stream, partition)) return false;
  return parts_->ends.wait_beyond(stream, partition, offset, at_most);
}

void EmbeddedLog::set_failure_listener(FailureListener listener) {
  parts_->on_failure = std::move(listener);
}

void EmbeddedLog::set_listener(Listener listener) {
  parts_->listener = std::move(listener);
}

void EmbeddedLog::stop_waiting() {
  parts_->ends.stop_waiting();
}

Result<std::unique_ptr<WorkShare>> EmbeddedLog::join(std::string_view group,
                                                     const std::vector<Stream>& streams) {
  return WholeShare::join(this->streams(), *parts_, group, streams);
}

Status EmbeddedLog::compact() {
  if (parts_->closed) return closed_log();
  return parts_->store->compact();
}

Status EmbeddedLog::verify_files() {
  if (parts_->closed) return closed_log();
  return parts_->store->verify_files();
}

Status EmbeddedLog::close() {
  if (parts_->closed) return {};
  stop_waiting();
  const bool sound = parts_->commits.refuse(closed_log().value());
  parts_->closed = true;
  return parts_->store->close(!sound);
}

struct EmbeddedLogReader::Parts {
  explicit Parts(std::unique_ptr<EmbeddedStore> opened)
      : store(std::move(opened)), ends(store->streams()) {}
  std::unique_ptr<EmbeddedStore> store;
  PartitionEnds ends;
};

EmbeddedLogReader::EmbeddedLogReader(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
EmbeddedLogReader::~EmbeddedLogReader() = default;

Result<std::unique_ptr<EmbeddedLogReader>> EmbeddedLogReader::open(
    const std::filesystem::path& path) {
  auto store = EmbeddedStore::open_read_only(path);
  if (!store) return fail(store.error());
  auto parts = std::make_unique<Parts>(std::move(*store));
  if (auto loaded = load_ends(*parts->store, parts->ends); !loaded) return fail(loaded.error());
  return std::unique_ptr<EmbeddedLogReader>(new EmbeddedLogReader(std::move(parts)));
}

const std::vector<StreamConfig>& EmbeddedLogReader::streams() const {
  return parts_->store->streams();
}

Result<std::vector<Record>> EmbeddedLogReader::read(Stream stream, PartitionIndex partition,
                                                    Offset from, std::size_t max_records,
                                                    std::size_t max_bytes) {
  if (auto right = check_partition(streams(), stream, partition); !right)
    return fail(right.error());
  return parts_->store->read(stream, partition, from, parts_->ends.get(stream, partition),
                             max_records, max_bytes);
}

Result<Offset> EmbeddedLogReader::end(Stream stream, PartitionIndex partition) {
  if (auto right = check_partition(streams(), stream, partition); !right)
    return fail(right.error());
  return parts_->ends.get(stream, partition);
}

Status EmbeddedLogReader::verify_files() {
  return parts_->store->verify_files();
}

}  // namespace fl::log

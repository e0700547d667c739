#include "projections/store.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/table.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <system_error>

#include "core/base/assert.hpp"
#include "projections/store_handles.hpp"
#include "projections/txn.hpp"

namespace fl::projections {
namespace {

Failure unavailable(const rocksdb::Status& status) {
  return fail(ErrorClass::unavailable, "views_storage", "",
              "The read models cannot be written or read: " + status.ToString());
}

rocksdb::ColumnFamilyOptions family_options(const StoreOptions& options,
                                            const std::shared_ptr<rocksdb::Cache>& cache) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::ColumnFamilyOptions family;
  family.write_buffer_size = std::max<std::size_t>(options.write_buffer_bytes / 4, 1U << 20);
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return family;
}

rocksdb::DBOptions database_options(const StoreOptions& options) {
  rocksdb::DBOptions database;
  database.create_if_missing = !options.read_only;
  database.create_missing_column_families = !options.read_only;
  database.atomic_flush = true;  // without a log, all families must reach the disk together
  database.db_write_buffer_size = options.write_buffer_bytes;
  database.max_open_files = 512;
  return database;
}

}  // namespace

rocksdb::ColumnFamilyHandle* StoreHandles::family(std::string_view projection) const {
  const auto found = families.find(projection);
  FL_ASSERT(found != families.end());
  return found->second;
}

StoreHandles::~StoreHandles() {
  for (const auto& [name, handle] : families) db->DestroyColumnFamilyHandle(handle);
}

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& directory,
                                           std::span<const std::string> projections,
                                           const StoreOptions& options) {
  std::error_code error;
  if (!options.read_only) std::filesystem::create_directories(directory, error);
  if (error) {
    return fail(ErrorClass::unavailable, "views_storage", "",
                "The directory of the read models cannot be made: " + error.message());
  }
  auto database = database_options(options);
  auto guard = log::RocksdbGuard::install(database, "read models");
  const auto cache = rocksdb::NewLRUCache(options.block_cache_bytes);
  const auto family = family_options(options, cache);

  std::vector<std::string> names;
  const bool exists =
      rocksdb::DB::ListColumnFamilies(database, directory.string(), &names).ok() && !names.empty();
  if (!exists) names = {rocksdb::kDefaultColumnFamilyName};
  const auto wanted = [&](const std::string& name) {
    return name == rocksdb::kDefaultColumnFamilyName || std::ranges::count(projections, name) > 0;
  };
  if (options.read_only) {
    for (const auto& name : projections) {
      if (std::ranges::count(names, name) == 0) {
        return fail(ErrorClass::unavailable, "views_storage", "",
                    "There is no read model `" + name + "` in " + directory.string());
      }
    }
    std::erase_if(names, [&](const std::string& name) { return !wanted(name); });
  } else {
    for (const auto& name : projections) {
      if (std::ranges::count(names, name) == 0) names.push_back(name);
    }
  }

  std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
  for (const auto& name : names) descriptors.emplace_back(name, family);
  std::vector<rocksdb::ColumnFamilyHandle*> opened;
  rocksdb::DB* raw = nullptr;
  if (!options.read_only) {  // RocksDB would warn of a folder that is not there yet
    std::error_code made;
    std::filesystem::create_directories(directory, made);
  }
  const auto status =
      options.read_only
          ? rocksdb::DB::OpenForReadOnly(database, directory.string(), descriptors, &opened, &raw)
          : rocksdb::DB::Open(database, directory.string(), descriptors, &opened, &raw);
  if (!status.ok()) return unavailable(status);

  auto handles = std::make_shared<StoreHandles>();
  handles->guard = std::move(guard);
  handles->db.reset(raw);
  handles->read_only = options.read_only;
  for (std::size_t i = 0; i < names.size(); ++i) handles->families.emplace(names[i], opened[i]);
  for (const auto& name : names) {
    if (wanted(name)) continue;
    const auto found = handles->families.find(name);
    if (auto dropped = raw->DropColumnFamily(found->second); !dropped.ok()) {
      return unavailable(dropped);
    }
    raw->DestroyColumnFamilyHandle(found->second);
    handles->families.erase(found);
  }
  return std::unique_ptr<Store>(new Store(std::move(handles)));
}

Store::~Store() {
  // Nothing is lost when this fails: the rows are derived again from an older position.
  if (!handles_->read_only) (void)flush(true);
}

Status Store::health() const {
  if (auto status = handles_->guard->status(); !status.ok()) return unavailable(status);
  return {};
}

View Store::view() const {
  auto handles = handles_;
  std::shared_ptr<const rocksdb::Snapshot> snapshot(handles_->db->GetSnapshot(),
                                                    [handles](const rocksdb::Snapshot* one) {
                                                      if (one != nullptr)
                                                        handles->db->ReleaseSnapshot(one);
                                                    });
  return {handles_, std::move(snapshot)};
}

Status Store::clear(std::string_view projection) {
  auto* const family = handles_->family(projection);
  rocksdb::ColumnFamilyDescriptor descriptor;
  if (auto status = family->GetDescriptor(&descriptor); !status.ok()) return unavailable(status);
  // A crash in between leaves no such family: it is made when the store is opened, empty.
  if (auto status = handles_->db->DropColumnFamily(family); !status.ok()) {
    return unavailable(status);
  }
  rocksdb::ColumnFamilyHandle* made = nullptr;
  const auto status = handles_->db->CreateColumnFamily(descriptor.options, descriptor.name, &made);
  if (!status.ok()) return unavailable(status);
  handles_->db->DestroyColumnFamilyHandle(family);
  handles_->families.find(projection)->second = made;
  return {};
}

Status Store::commit(std::span<Txn* const> transactions) {
  rocksdb::WriteBatch batch;
  for (Txn* txn : transactions) {
    auto* const family = handles_->family(txn->projection_);
    std::ranges::sort(txn->changed_, {},
                      [](const Txn::Entry* entry) -> const std::string& { return entry->first; });
    for (const Txn::Entry* entry : txn->changed_) {
      const auto& value = entry->second.value;
      const auto status =
          value ? batch.Put(family, entry->first, *value) : batch.Delete(family, entry->first);
      if (!status.ok()) return unavailable(status);
    }
  }
  rocksdb::WriteOptions options;
  options.disableWAL = true;
  if (auto status = handles_->db->Write(options, &batch); !status.ok()) return unavailable(status);
  for (Txn* txn : transactions) txn->settle();
  return {};
}

Status Store::flush(bool wait) {
  if (auto healthy = health(); !healthy) return healthy;
  rocksdb::FlushOptions options;
  options.wait = wait;
  options.allow_write_stall = true;
  std::vector<rocksdb::ColumnFamilyHandle*> all;
  for (const auto& [name, handle] : handles_->families) all.push_back(handle);
  if (auto status = handles_->db->Flush(options, all); !status.ok()) return unavailable(status);
  return {};
}

}  // namespace fl::projections

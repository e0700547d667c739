#pragma once

#include <rocksdb/db.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/log/rocksdb_guard.hpp"

namespace fl::projections {

/// The key of a projection's position, in its own column family: dropping one drops both.
inline constexpr std::string_view kPositionKey("\0", 1);

/// The open database, shared by the store and its views.
struct StoreHandles {
  std::shared_ptr<log::RocksdbGuard> guard;
  std::unique_ptr<rocksdb::DB> db;
  std::map<std::string, rocksdb::ColumnFamilyHandle*, std::less<>> families;
  bool read_only = false;

  rocksdb::ColumnFamilyHandle* family(std::string_view projection) const;
  ~StoreHandles();
};

}  // namespace fl::projections

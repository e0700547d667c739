#include "projections/txn.hpp"

#include "core/base/assert.hpp"
#include "projections/store_handles.hpp"

namespace fl::projections {
namespace {
constexpr std::size_t kMaxCachedRows = 65'536;
}

Txn::Txn(Store& store, std::string projection)
    : store_(&store), projection_(std::move(projection)) {}

std::optional<std::string_view> Txn::get(std::string_view key) {
  auto found = cells_.find(key);
  if (found == cells_.end()) {
    Cell cell;
    std::string value;
    auto& handles = *store_->handles_;
    const auto status = handles.db->Get(rocksdb::ReadOptions(), handles.family(projection_),
                                        rocksdb::Slice(key.data(), key.size()), &value);
    if (status.ok()) {
      cell.value = std::move(value);
    } else if (!status.IsNotFound()) {
      throw StorageError("read of " + projection_ + ": " + status.ToString());
    }
    found = cells_.emplace(std::string(key), std::move(cell)).first;
  }
  found->second.read = true;
  const auto& value = found->second.value;
  return value ? std::optional<std::string_view>(*value) : std::nullopt;
}

void Txn::set(std::string_view key, std::optional<std::string> value) {
  auto found = cells_.find(key);
  if (found == cells_.end()) found = cells_.emplace(std::string(key), Cell{}).first;
  found->second.value = std::move(value);
  if (!found->second.changed) changed_.push_back(&*found);
  found->second.changed = true;
}

void Txn::put(std::string_view key, std::string value) {
  FL_ASSERT(!key.empty() && key.front() != '\0');
  set(key, std::move(value));
}

void Txn::erase(std::string_view key) {
  FL_ASSERT(!key.empty() && key.front() != '\0');
  set(key, std::nullopt);
}

void Txn::put_position(std::string value) {
  set(kPositionKey, std::move(value));
}

void Txn::settle() {
  if (cells_.size() > kMaxCachedRows) {
    cells_.clear();
  } else {
    // Rows that are only ever written (statements, lists) would crowd out those that are read
    // again.
    for (Entry* entry : changed_) {
      entry->second.changed = false;
      if (!entry->second.read) cells_.erase(cells_.find(entry->first));
    }
  }
  changed_.clear();
}

}  // namespace fl::projections

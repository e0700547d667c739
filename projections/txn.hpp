#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "projections/store.hpp"

namespace fl::projections {

/// Changes to one projection that are not committed yet: its reads see its own writes, and repeated
/// changes of a row coalesce. Not thread-safe. Reads throw StorageError. Keys are not empty and do
/// not begin with a zero byte (the store's own).
class Txn {
 public:
  Txn(Store& store, std::string projection);

  /// Valid until the next call. Nothing when there is no such row.
  std::optional<std::string_view> get(std::string_view key);
  void put(std::string_view key, std::string value);
  void erase(std::string_view key);
  void put_position(std::string value);

  const std::string& projection() const { return projection_; }
  std::size_t changes() const { return changed_.size(); }

 private:
  friend class Store;
  struct Cell {
    std::optional<std::string> value;
    bool changed = false;
    bool read = false;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view key) const {
      return std::hash<std::string_view>{}(key);
    }
  };
  using Cells = std::unordered_map<std::string, Cell, Hash, std::equal_to<>>;
  using Entry = Cells::value_type;
  void set(std::string_view key, std::optional<std::string> value);
  void settle();  // after a commit: what was written is now what the store holds

  Store* store_;
  std::string projection_;
  Cells cells_;
  std::vector<Entry*> changed_;  // entries of a node-based map stay where they are
};

}  // namespace fl::projections

#pragma once

#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

namespace fl::ledger {

/// A map whose changes since the last snapshot are known. Rows are never erased: the ledger only
/// adds, and what ends is marked as ended.
template <class Key, class Row, class Hash>
class Table {
 public:
  const Row* find(const Key& key) const {
    const auto it = rows_.find(key);
    return it == rows_.end() ? nullptr : &it->second.row;
  }
  bool contains(const Key& key) const { return rows_.contains(key); }

  /// The row of the key, made when absent, to be changed now.
  Row& edit(const Key& key) {
    Slot& slot = rows_[key];
    if (!slot.dirty) {
      slot.dirty = true;
      dirty_.push_back(key);
    }
    return slot.row;
  }

  /// Puts a row back as a snapshot held it: nothing to be saved.
  void restore(const Key& key, Row row) { rows_[key] = Slot{std::move(row), false}; }

  std::size_t size() const { return rows_.size(); }

  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [key, slot] : rows_) visit(key, slot.row);
  }

  /// Visits what changed since the last call, and forgets that it changed.
  template <class Visit>
  void drain_changes(Visit visit) {
    for (const auto& key : dirty_) {
      Slot& slot = rows_.at(key);
      slot.dirty = false;
      visit(key, static_cast<const Row&>(slot.row));
    }
    dirty_.clear();
  }

 private:
  struct Slot {
    Row row{};
    bool dirty = false;
  };
  std::unordered_map<Key, Slot, Hash> rows_;
  std::vector<Key> dirty_;
};

}  // namespace fl::ledger

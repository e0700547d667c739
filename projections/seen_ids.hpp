#pragma once

#include "core/activity/act.hpp"
#include "projections/row_key.hpp"
#include "projections/txn.hpp"

namespace fl::projections {

/// Whether an event of this id was in its partition before; remembers it if not. For folds that a
/// second delivery would change. Its rows begin with 'd'.
inline bool seen_before(Txn& txn, const activity::Act& act) {
  const auto key = RowKey('d').u32(act.partition).id(act.id);
  if (txn.get(key)) return true;
  txn.put(key, "");
  return false;
}

}  // namespace fl::projections

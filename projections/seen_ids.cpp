#include "projections/seen_ids.hpp"

#include "projections/row_key.hpp"

namespace fl::projections {
namespace {

RowKey seen_key(log::PartitionIndex partition, const EventId& id) {
  return RowKey('d').u32(partition).id(id);
}

}  // namespace

bool seen_before(Txn& txn, const activity::Act& act) {
  const auto key = seen_key(act.partition, act.id);
  auto row = decoded(txn.get(key), activity::decode_seen, txn.projection());
  if (fold(row, act) != activity::Verdict::applied) return true;
  txn.put(key, encode(*row));
  return false;
}

std::optional<activity::SeenRow> first_seen(const View& view, std::string_view projection,
                                            log::PartitionIndex partition, const EventId& id) {
  return decoded(view.get(projection, seen_key(partition, id)), activity::decode_seen, projection);
}

}  // namespace fl::projections

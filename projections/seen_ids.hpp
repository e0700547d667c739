#pragma once

#include <optional>
#include <string_view>

#include "core/activity/seen.hpp"
#include "core/log/log.hpp"
#include "projections/txn.hpp"

namespace fl::projections {

/// Whether an event of this id was in its partition before; remembers it, with the MAC of its
/// request, if not. For folds that a second delivery would change, and for those whose events
/// clients ask for with keys of their own. Its rows begin with 'd'.
bool seen_before(Txn& txn, const activity::Act& act);

/// The first event of this id in a partition, as a projection that asks `seen_before` has it.
std::optional<activity::SeenRow> first_seen(const View& view, std::string_view projection,
                                            log::PartitionIndex partition, const EventId& id);

}  // namespace fl::projections

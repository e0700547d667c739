#pragma once

#include "core/ledger/state.hpp"

namespace fl::ledger {

/// Where an event stands.
struct EventPlace {
  std::uint64_t seq = 0;
  std::uint64_t offset = 0;
  std::uint32_t index = 0;
  Instant time;
};

void apply_genesis(State& state, const pb::Genesis& genesis, const Digest& head);

/// Folds a checked event. Pure, total: what `check` let through cannot fail here.
void apply(State& state, const pb::LedgerEvent& event, const EventPlace& place);

/// After a batch: time moves on, and its head may become an anchor.
void apply_batch_end(State& state, Instant time, const Digest& head);

}  // namespace fl::ledger

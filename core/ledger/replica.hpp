#pragma once

#include <functional>
#include <string_view>

#include "core/base/error.hpp"
#include "core/events/chain.hpp"
#include "core/ledger/apply.hpp"
#include "core/ledger/state.hpp"

namespace fl::ledger {

/// What one record turned out to be.
struct Fed {
  events::Verdict verdict = events::Verdict::void_record;
  std::string void_reason;
  pb::LedgerRecord record;
};

/// The fold of the whole ledger, record by record: chain, rules, invariants, state. Owner, standby
/// and auditor are built on it. Pure.
class Replica {
 public:
  const State& state() const { return state_; }
  State& state() { return state_; }  ///< for restoring from, and draining to, a snapshot
  const events::ChainState& chain() const { return chain_; }
  events::ChainState& chain() { return chain_; }  ///< for the owner, and for restoring

  /// Called for each event before it is applied, with the state that it is applied to.
  using Visit = std::function<void(const pb::LedgerEvent&, const EventPlace&)>;

  /// Folds the record at `offset`. An error means halt: the record is valid by the chain, but this
  /// program cannot follow it, or would not have decided it. The replica must then be discarded.
  Result<Fed> feed(std::uint64_t offset, std::string_view stored, const Visit& visit = {});

 private:
  Status feed_batch(std::uint64_t offset, const pb::Batch& batch, const Visit& visit);

  events::ChainState chain_;
  State state_;
};

/// Decodes the events of a batch that is known valid.
Result<pb::LedgerEvent> event_at(const pb::Batch& batch, std::uint32_t index);

}  // namespace fl::ledger

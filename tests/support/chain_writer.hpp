#pragma once

#include <stdexcept>
#include <string>
#include <vector>

#include "core/events/chain.hpp"
#include "core/events/merkle.hpp"

namespace fl::test {

/// Writes records of a ledger as an honest owner would, one after the other. A test that wants a
/// wrong one asks for the next record, spoils it, and feeds it to the reader itself.
class ChainWriter {
 public:
  static pb::LedgerRecord genesis(const pb::Genesis& genesis) {
    pb::LedgerRecord record;
    *record.mutable_genesis() = genesis;
    return record;
  }
  pb::LedgerRecord fence() const {
    pb::LedgerRecord record;
    auto* fence = record.mutable_fence();
    fence->set_format(events::kFormat);
    fence->set_epoch(chain.epoch + 1);
    fence->set_incarnation("an incarnation 1");
    fence->set_owner_id("owner");
    fence->set_time_ms(chain.time.ms);
    return record;
  }
  /// A batch of encoded events.
  pb::LedgerRecord batch(const std::vector<std::string>& encoded, Instant time) const {
    pb::LedgerRecord record;
    auto* batch = record.mutable_batch();
    batch->set_format(events::kFormat);
    batch->set_epoch(chain.epoch);
    batch->set_incarnation("an incarnation 1");
    batch->set_nonce(chain.next_offset);
    batch->set_batch_seq(chain.next_batch_seq);
    batch->set_first_event_seq(chain.next_event_seq);
    batch->set_prev_head(chain.head.str());
    batch->set_time_ms(time.ms);
    batch->set_rules_version(events::kRulesVersion);
    for (const auto& event : encoded) batch->add_events(event);
    batch->set_events_root(events::merkle_root(encoded).str());
    return record;
  }

  /// Encodes the record and moves past it: it must be valid. Returns what is stored.
  std::string write(const pb::LedgerRecord& record) {
    auto stored = events::encode(record);
    if (!events::advance_over_own(chain, record, stored)) {
      throw std::logic_error("a test wrote a record that is not valid");
    }
    return stored;
  }

  events::ChainState chain;
};

}  // namespace fl::test

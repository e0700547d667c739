#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "core/ledger/replica.hpp"
#include "core/owner/command_gate.hpp"

namespace fl::owner {

/// Decides commands on a replica, one after another, and gathers what they become into the next
/// batch. The replica's state moves with each command: it is ahead of the log until the batch
/// stands there. Pure: no I/O, no clock.
class BatchMaker {
 public:
  /// `replica` outlives this; `time` is that of the batch.
  BatchMaker(ledger::Replica& replica, Instant time) : replica_(replica), time_(time) {}

  /// An event of this batch; or where the event of a repeated command stands, when that is an
  /// earlier record; or the refusal.
  using Decided = std::variant<Accepted, ledger::CommandRow>;
  Result<Decided> decide(ledger::Command command);

  std::size_t events() const { return static_cast<std::size_t>(batch_.events_size()); }
  std::size_t bytes() const { return bytes_; }  ///< of the events

  /// The record that follows the replica's chain, and the only one that does for these decisions.
  pb::LedgerRecord finish(const std::string& incarnation, std::uint64_t nonce);

 private:
  ledger::Replica& replica_;
  const Instant time_;
  pb::Batch batch_;
  std::size_t bytes_ = 0;
};

/// The event at a row's place in a record that holds a batch, as the answer to a repeated command.
/// Error: unavailable `log_damaged`, when the record does not hold it.
Outcome repeated_in(const pb::LedgerRecord& record, const ledger::CommandRow& row);

}  // namespace fl::owner

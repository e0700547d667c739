#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/ledger/state.hpp"
#include "core/owner/command_gate.hpp"
#include "core/owner/journal.hpp"

namespace fl::owner {

/// A batch that was sent, and the answers that rest on it.
struct InFlight {
  Journal::Ticket ticket = 0;
  pb::LedgerRecord record;
  std::string stored;
  log::Offset offset = 0;  ///< where it must stand for the state ahead to be right
  ledger::Anchor anchor;   ///< the latest, once it stands
  Duration sent;
  std::vector<std::pair<Reply, Outcome>> answers;

  void release();          ///< it stands where it must: the answers hold
  void release_unknown();  ///< nobody knows
};

/// Batches that were in flight when their owner stepped down. Each is answered by what the log
/// turns out to hold: the first occurrence decides, a later copy is ignored.
class Unresolved {
 public:
  void add(InFlight flight) { flights_.push_back(std::move(flight)); }
  bool empty() const { return flights_.empty(); }

  /// The record was read at this offset. Valid, its events are carried out and its refusals hold;
  /// void, nobody is told more than that the outcome is unknown: the command may have been sent by
  /// another way meanwhile.
  void saw(std::string_view stored, log::Offset offset, bool valid);
  /// Nothing that was sent before now can become valid any more.
  void give_up();
  /// Those that were sent before this time.
  void give_up_before(Duration time);

 private:
  std::vector<InFlight> flights_;
};

}  // namespace fl::owner

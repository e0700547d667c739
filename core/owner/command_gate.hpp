#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/ledger/apply.hpp"
#include "core/ledger/decide.hpp"
#include "core/ledger/state.hpp"

namespace fl::owner {

/// A command that was carried out, now or before.
struct Accepted {
  pb::LedgerEvent event;
  ledger::EventPlace place;
  bool repeated = false;  ///< it had been carried out before: nothing happened now
};
using Outcome = Result<Accepted>;
using Reply = std::function<void(Outcome)>;  ///< called once, from a thread of the gate: be quick

/// What an append that failed leaves to tell: retry `outcome_unknown`.
Failure unknown_outcome();
/// What is told when a command was not taken, so that nothing can come of it: unavailable
/// `owner_unavailable`.
Failure owner_unavailable();
/// The same of one that waited too long: unavailable `deadline_passed`.
Failure deadline_passed();

/// What a staff member signs over, and where the ledger stands.
struct LedgerHead {
  std::string ledger_id;
  ledger::Anchor anchor;
  std::uint64_t next_offset = 0;
  std::uint64_t next_event_seq = 0;
  Digest head;
  Instant time;
};

/// Where commands enter the ledger, whoever decides them: the owner in this process, or another
/// node that they are handed to. Thread-safe.
class CommandGate {
 public:
  virtual ~CommandGate() = default;

  /// Takes a command; never blocks. The reply comes once its event is durable and known valid, or
  /// once all that its refusal rests on is. Errors beside the ledger's own: unavailable
  /// `owner_unavailable` and `deadline_passed` (nothing was done), retry `outcome_unknown` (ask
  /// again with the same id).
  using Deadline = std::chrono::steady_clock::time_point;
  virtual void submit(ledger::Command command, Reply reply,
                      Deadline deadline = Deadline::max()) = 0;

  /// Where the ledger stands, as far as this node knows.
  virtual LedgerHead head() const = 0;
  virtual const pb::Genesis& genesis() const = 0;

  /// Empty while commands can be taken; else why they cannot.
  virtual Status health() const = 0;

  /// The decimals of a currency of this ledger, or nothing.
  std::optional<unsigned> decimals(const Currency& currency) const;
};

}  // namespace fl::owner

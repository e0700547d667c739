#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/owner/batch_maker.hpp"
#include "core/owner/clock.hpp"
#include "core/owner/clock_guard.hpp"
#include "core/owner/fence.hpp"
#include "core/owner/in_flight.hpp"
#include "core/owner/journal.hpp"

namespace fl::owner {

struct CandidateOptions {
  OwnerName name;
  std::size_t max_queue = 65'536;
  std::size_t max_batch_events = 8'192;
  std::size_t max_batch_bytes = 3 << 20;  ///< of events; a record is at most 4 MiB
  std::size_t max_in_flight = 4;          ///< batches; at most 5, which auditors know
  std::uint64_t snapshot_every_events = 65'536;
  Duration confirm_patience = seconds(10);  ///< then an append's outcome counts as unknown
  Duration back_off{100};                   ///< after a fence that failed: doubled each time
  Duration deposed_pause = seconds(10);     ///< before fencing off whoever fenced us off
};

/// One node's part in a ledger on a shared log, to which anybody can append at any time: the
/// protocol of chain-validated append (decision 0012) as a state machine without threads, so that a
/// test can drive it through every interleaving. What happens is told to it; what is to be done
/// goes out by the journal and by replies. Its clock and its randomness are given to it.
///
/// - `following`: folds what is in the log. A node that may try fences once it has read everything.
/// - `fencing`: a fence of its own is under way. Only this very record, read as valid, makes it
///   the owner; void, it tries again after a while.
/// - `serving`: decides on a state that is ahead of the log by the batches in flight, and answers
///   what rests on a batch once that batch was read back, at its offset, as the next one. Anything
///   else in its place (somebody's fence, a stranger's record, silence) and it steps down: the
///   state that is ahead is thrown away, the one that the log holds is folded anew, and another
///   fence is needed. What was in flight is answered by what the log turns out to hold.
class Candidate {
 public:
  enum class Phase { following, fencing, serving };
  /// A replica somewhere in the log, as a snapshot gives it; at its beginning without one.
  using Restore = std::function<Result<std::unique_ptr<ledger::Replica>>()>;
  using Random = std::function<std::string(std::size_t bytes)>;
  using Ticket = Journal::Ticket;
  using Deadline = CommandGate::Deadline;

  /// All but the options outlive it.
  Candidate(Journal& journal, const Clock& clock, Random random, Restore restore,
            CandidateOptions options);

  /// Before anything else. Errors here and below are for good (`health`): the log is not what this
  /// program can follow, or cannot be read.
  Status begin();

  /// The record that it wants to be given next; one that it has, it passes over.
  log::Offset wanted() const;
  Status take(log::Offset offset, std::string_view stored);
  /// The log ends here, or beyond.
  void reached(log::Offset end) { end_ = std::max(end_, end); }
  /// Where an append of the journal stands; nothing when the log does not say. An error: unknown.
  Status appended(Ticket ticket, const Result<std::optional<log::Offset>>& where);

  /// Whether it may fence. It serves on when it may no more: only a fence ends that.
  void may_try(bool may);

  /// Queues a command, or answers that it does not serve.
  void submit(ledger::Command command, Reply reply, Deadline deadline);

  /// Does what can be done now. To be called after anything happened, and now and then.
  Status step(std::chrono::steady_clock::time_point now);

  /// Answers everybody: nobody waits for what it would have done.
  void stop();

  Phase phase() const { return phase_; }
  Status health() const { return health_; }
  const pb::Genesis& genesis() const { return replica_->state().genesis; }
  /// What is confirmed by the log.
  const events::ChainState& chain() const { return confirmed_; }
  LedgerHead head() const;
  /// Who the last valid fence names; empty before the first.
  const OwnerName& owner() const { return owner_; }
  bool has_read_everything() const { return wanted() >= end_ && replica_ != nullptr; }

  /// A snapshot is due and the state is exactly what the log holds. Nothing is decided from when it
  /// is due until it was saved.
  bool snapshot_ready() const;
  ledger::Replica& replica() { return *replica_; }
  const Digest& last_record() const { return last_record_; }
  void snapshot_saved();

 private:
  struct Waiting {
    ledger::Command command;
    Reply reply;
    Deadline deadline;
  };

  Status follow(log::Offset offset, std::string_view stored);
  Status confirm(log::Offset offset, std::string_view stored);
  void saw(events::Verdict verdict, const pb::LedgerRecord& record, log::Offset offset,
           std::string_view stored);
  void saw_fence(bool valid, const pb::Fence& fence, std::string_view stored);
  void deposed();
  void serve();
  Status step_down();
  void fence();
  void fence_failed();
  void decide(std::chrono::steady_clock::time_point now);
  Outcome repeated(const ledger::CommandRow& row) const;
  void refuse_queue(const Failure& why);
  bool snapshot_due() const;
  Status halt(const Error& error);

  Journal& journal_;
  const Clock& clock_;
  const Random random_;
  const Restore restore_;
  const CandidateOptions options_;

  Phase phase_ = Phase::following;
  Status health_;
  std::unique_ptr<ledger::Replica> replica_;  ///< behind, at, or (serving) ahead of confirmed_
  events::ChainState confirmed_;
  ledger::Anchor anchor_;  ///< of what is confirmed
  Digest last_record_;
  log::Offset end_ = 0;
  OwnerName owner_;

  bool may_try_ = false;
  Duration retry_at_;
  int failed_fences_ = 0;
  std::string fence_;  ///< ours, while it is under way
  Duration fence_sent_;
  Ticket fence_ticket_ = 0;

  Ticket next_ticket_ = 1;
  std::string incarnation_;
  std::uint64_t nonce_ = 0;
  std::optional<ClockGuard> guard_;
  std::deque<Waiting> queue_;
  std::deque<InFlight> in_flight_;
  Unresolved unresolved_;
  std::uint64_t snapshot_seq_ = 0;
};

}  // namespace fl::owner

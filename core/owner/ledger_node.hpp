#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/owner/candidate.hpp"
#include "core/owner/recovery.hpp"
#include "core/owner/snapshot_store.hpp"

namespace fl::owner {

/// What a node knows of the ledger's ownership.
struct Ownership {
  OwnerName owner;  ///< by the last valid fence; empty before the first
  std::uint64_t epoch = 0;
  bool is_here = false;  ///< this node serves
};

/// This node's part in a ledger on a shared log: a thread that keeps a candidate's state up with
/// the log, and lets it own the ledger while it may. A node that never may is a follower, and its
/// state is as warm as a standby's. As a gate it takes commands only while it serves. Thread-safe.
class LedgerNode : public CommandGate {
 public:
  /// Reads the log to its end, from the snapshot on. `log`, `snapshots` (may be null) and `clock`
  /// outlive it. Errors: unavailable `ledger_empty`, and as of `recover`.
  static Result<std::unique_ptr<LedgerNode>> start(log::Log& log, SnapshotStore* snapshots,
                                                   const Clock& clock, Candidate::Random random,
                                                   CandidateOptions options,
                                                   const Progress& progress = {});
  ~LedgerNode() override;

  /// Whether it may take the ledger over.
  void may_try(bool may);
  /// The log has grown to this end: for the log's listener. Quick.
  void notify(log::Offset end);

  /// `owner_unavailable` when another node owns the ledger. Replies come from the node's thread.
  void submit(ledger::Command command, Reply reply, Deadline deadline = Deadline::max()) override;
  LedgerHead head() const override;
  const pb::Genesis& genesis() const override { return genesis_; }
  /// Empty while the log can be followed and snapshots kept, whoever owns the ledger; else why not, for good.
  Status health() const override;

  Ownership ownership() const;
  /// Called from the node's thread after each valid fence, and when this node serves or does so no
  /// more. Once this returns, the listener before is not called any more.
  void on_ownership(std::function<void(const Ownership&)> listener);
  /// Called once, from the node's thread, when health turns bad.
  void on_failure(std::function<void(const Error&)> listener);

  /// Decides nothing more, saves a snapshot if it can, and ends the thread.
  void stop();

 private:
  struct Report {
    Journal::Ticket ticket;
    Result<log::Offset> offset;
  };
  struct Waiting {
    ledger::Command command;
    Reply reply;
    Deadline deadline;
  };
  /// What has happened since the thread looked.
  struct Inbox {
    std::vector<Waiting> commands;
    std::vector<Report> reports;
    std::optional<bool> may_try;
    log::Offset end = 0;
    bool empty() const { return commands.empty() && reports.empty() && !may_try; }
  };
  class LogJournal : public Journal {
   public:
    explicit LogJournal(LedgerNode& node) : node_(node) {}
    void append(Ticket ticket, const std::string& stored) override;
    Result<std::string> read(log::Offset offset) override;

   private:
    LedgerNode& node_;
  };

  LedgerNode(log::Log& log, SnapshotStore* snapshots, const Clock& clock, Candidate::Random random,
             CandidateOptions options);
  Result<std::unique_ptr<ledger::Replica>> restore();
  Status catch_up(log::Offset end, const Progress& progress);
  void run();
  Status work(Inbox inbox);
  Status save_snapshot();
  void publish();
  void fail_for_good(const Error& error);

  log::Log& log_;
  SnapshotStore* snapshots_;
  LogJournal journal_;
  Candidate candidate_;  ///< the thread's alone, once that runs
  pb::Genesis genesis_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  Inbox inbox_;
  bool stopping_ = false;
  Status health_;
  LedgerHead head_;
  Ownership ownership_;
  std::mutex listener_mutex_;  ///< held while it is told
  std::function<void(const Ownership&)> ownership_listener_;
  std::function<void(const Error&)> failure_listener_;
  std::thread thread_;
};

}  // namespace fl::owner

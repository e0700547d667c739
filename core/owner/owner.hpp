#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/base/error.hpp"
#include "core/ledger/apply.hpp"
#include "core/log/log.hpp"
#include "core/owner/batch_maker.hpp"
#include "core/owner/clock.hpp"
#include "core/owner/clock_guard.hpp"
#include "core/owner/command_gate.hpp"
#include "core/owner/recovery.hpp"

namespace fl::owner {

struct OwnerOptions {
  std::string owner_id = "owner";
  std::string owner_url;
  std::string incarnation;  ///< 16 random bytes, new at each start
  std::size_t max_queue = 65'536;
  std::size_t max_batch_events = 8'192;
  std::size_t max_batch_bytes = 3 << 20;  ///< of events; a record is at most 4 MiB
  std::uint64_t snapshot_every_events = 65'536;
};

/// The single writer of the ledger, on a log that is exclusive to this process (embedded). It
/// begins with a fence of its own, so that whoever wrote before writes no more.
class Owner : public CommandGate {
 public:
  /// `log`, `snapshots` (may be null) and `clock` outlive the owner.
  static Result<std::unique_ptr<Owner>> start(log::Log& log, SnapshotStore* snapshots,
                                              const Clock& clock, OwnerOptions options,
                                              const Progress& progress = {});
  ~Owner() override;

  /// Replies come from the owner's thread.
  void submit(ledger::Command command, Reply reply, Deadline deadline = Deadline::max()) override;
  LedgerHead head() const override;
  const pb::Genesis& genesis() const override { return genesis_; }

  /// After a failed append or snapshot the reason, for good. The process must end.
  Status health() const override;
  /// Called once, from the owner's thread, when health turns bad.
  void on_failure(std::function<void(const Error&)> callback);

  /// Decides what is queued, saves a snapshot, and ends the thread.
  void stop();

 private:
  struct Waiting {
    ledger::Command command;
    Reply reply;
    Deadline deadline;
  };

  Owner(log::Log& log, SnapshotStore* snapshots, const Clock& clock, OwnerOptions options,
        Recovered recovered);
  Status take_over();
  void run();
  void process(std::vector<Waiting> commands);
  Outcome decide_one(ledger::Command command, BatchMaker& batch);
  Status append(const pb::LedgerRecord& record);
  Status append_batch(BatchMaker& batch, Instant time);
  void maybe_snapshot(bool now);
  void publish_head();
  void fail_for_good(const Error& error);

  log::Log& log_;
  SnapshotStore* snapshots_;
  const Clock& clock_;
  const OwnerOptions options_;
  std::unique_ptr<ledger::Replica> replica_;
  const pb::Genesis genesis_;
  Digest last_record_;
  ClockGuard guard_;
  std::uint64_t nonce_ = 0;
  std::uint64_t snapshot_seq_ = 0;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Waiting> queue_;
  bool stopping_ = false;
  Status health_;
  LedgerHead head_;
  std::function<void(const Error&)> failure_callback_;
  std::thread thread_;
};

}  // namespace fl::owner

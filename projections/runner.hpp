#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/log/log.hpp"
#include "projections/ledger_reader.hpp"
#include "projections/position_token.hpp"
#include "projections/projection.hpp"

namespace fl::projections {

struct RunnerOptions {
  std::chrono::milliseconds poll{50};      ///< looks at the log at least so often
  std::size_t max_bite_events = 65'536;    ///< of one commit, when far behind
  std::size_t max_bite_bytes = 16U << 20;  ///< of records read for one commit
  std::chrono::seconds flush_every{30};    ///< bounds what is read again after a kill
  std::size_t max_waiters = 10'000;        ///< further ones are told `unavailable`
};

struct RunnerHealth {
  Status status;                        ///< an error is final: the runner has stopped
  PositionToken applied;                ///< by every projection
  std::vector<std::string> rebuilding;  ///< projections that catch up from their beginning
  std::uint64_t behind = 0;             ///< records of the log not applied by every projection
};

/// One thread that keeps the read models up with the log: it follows the ledger and all partitions
/// of `activity`, applies records in bites (what is there at low load, ever more when behind),
/// commits rows and positions together, then tells listeners and waiters. A projection that is new
/// or has another version begins anew and catches up by itself while the others go on; positions
/// are published as applied only when every projection has applied them.
/// Thread-safe. The store, the log and the projections must outlive it.
class Runner {
 public:
  /// Reads the positions, clears what has another version. Errors: unavailable, when the log ends
  /// before a position that was applied (`log_truncated`), or storage fails.
  static Result<std::unique_ptr<Runner>> open(Store& store, log::Log& log,
                                              std::vector<Projection*> projections,
                                              OpenLedgerReader open_reader,
                                              const RunnerOptions& options = {});
  ~Runner();  ///< stops and joins
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  /// Records `from` to below `to` of a partition are applied and readable. Called on the runner's
  /// thread, in order, without a gap: must be quick. Set before `start`.
  using Listener =
      std::function<void(log::Stream, log::PartitionIndex, log::Offset from, log::Offset to)>;
  void on_applied(Listener listener);

  /// The runner has stopped for good: a record that it cannot fold, or storage that failed. Called
  /// once, on its thread. Set before `start`.
  using FailureListener = std::function<void(const Error&)>;
  void on_failure(FailureListener listener);

  void start();
  void stop();  ///< asks it to end; waiters are told `unavailable`
  void join();

  /// The log has grown: looks at once. Quick; for the log's listener.
  void notify();

  PositionToken applied() const;
  RunnerHealth health() const;

  /// Until everything that the token covers is applied. Errors: retry `position_not_reached` at the
  /// deadline; unavailable when the runner stopped, with its reason.
  Status wait_for(const PositionToken& token, std::chrono::steady_clock::time_point deadline);

  /// The same without blocking: `done` is called once, on the runner's thread, or before this
  /// returns when it is so already. The ticket ends the waiting without a call, unless it was
  /// called already (then `cancel` says false). Deadlines are the caller's.
  using Ticket = std::uint64_t;
  Ticket when_reached(const PositionToken& token, std::function<void(Status)> done);
  bool cancel(Ticket ticket);

 private:
  struct Impl;
  explicit Runner(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fl::projections

#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "core/ledger/state_codec.hpp"
#include "core/owner/candidate.hpp"
#include "tests/simulation/oracle.hpp"
#include "tests/simulation/shared_log.hpp"

namespace fl::sim {

/// The clocks of one machine, which go as they like.
class NodeClock : public owner::Clock {
 public:
  Instant now() const override { return wall; }
  Duration monotonic() const override { return since_start; }

  Instant wall;
  Duration since_start;
};

/// One machine: a disk with a snapshot, clocks, and, while it is up, a process that runs a
/// candidate. It drives the candidate as a server would: what it reads, when, and how much of it,
/// is the scheduler's choice.
class Node : public owner::Journal {
 public:
  struct World {
    SharedLog& log;
    Oracle& oracle;
    Chance& chance;
    Coverage& coverage;
    Trace& trace;
  };

  Node(int number, World world, owner::CandidateOptions options, Instant now);

  void start(SharedLog::Process process);
  /// All that it was told to answer stays unanswered.
  void crash();
  void wipe() { disk_ = {}; }

  int number() const { return number_; }
  bool up() const { return candidate_ != nullptr; }
  bool serves() const { return up() && phase() == owner::Candidate::Phase::serving; }
  owner::Candidate::Phase phase() const { return candidate_->phase(); }
  SharedLog::Process process() const { return process_; }
  const owner::Candidate& candidate() const { return *candidate_; }
  const Digest& last_fence() const { return last_fence_; }
  std::size_t reports_waiting() const { return reports_.size(); }

  void pass(Duration wall, Duration monotonic);
  void set_wall(Instant at) {
    clock_.wall = at;
    clock_was_set_ = true;
  }
  bool clock_was_set() const { return clock_was_set_; }  ///< since it started
  Instant wall() const { return clock_.wall; }
  std::chrono::steady_clock::time_point steady() const;

  /// Reads up to so many records; then learns where the log ends, or ended some time ago.
  void read_on(std::size_t at_most);
  void told(Report report) { reports_.push_back(std::move(report)); }
  void take_report();
  void step();
  void may_try(bool may);
  bool may_try() const { return may_try_; }
  void submit(const pb::LedgerEvent& draft, owner::Reply reply, owner::Candidate::Deadline until);

  bool paused = false;
  bool reads_fail = false;  ///< of records read before

 private:
  struct Disk {
    std::map<std::pair<ledger::TableTag, std::string>, std::string> rows;
    std::optional<events::ChainState> chain;
  };

  void append(Ticket ticket, const std::string& stored) override;
  Result<std::string> read(log::Offset offset) override;
  Result<std::unique_ptr<ledger::Replica>> restore();
  void maybe_snapshot();
  void look(owner::Candidate::Phase before);

  const int number_;
  World world_;
  const owner::CandidateOptions options_;
  NodeClock clock_;
  bool clock_was_set_ = false;
  Disk disk_;
  SharedLog::Process process_ = 0;
  SharedLog::ProducerId producer_ = 0;
  std::unique_ptr<owner::Candidate> candidate_;
  std::deque<Report> reports_;
  Digest last_fence_;
  std::size_t sent_in_step_ = 0;
  bool may_try_ = false;
};

}  // namespace fl::sim

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "tests/simulation/clients.hpp"
#include "tests/simulation/node.hpp"

namespace fl::sim {

struct RunResult {
  std::optional<std::string> violation;
  std::string trace_tail;
  std::uint64_t trace_hash = 0;
  Coverage coverage;
};

/// One run: so many nodes, faults and commands as the seed says. Then the faults stop, one node may
/// try, and it must come to serve.
RunResult run_seed(std::uint64_t seed);

/// How likely what is in a run. Drawn anew for each: what is rare in all runs hides what needs a
/// lot of it, and what is frequent in all hides what needs calm.
struct Profile {
  explicit Profile(Chance& chance);

  int nodes;
  std::size_t actions;
  LogFaults log;
  std::size_t stranger, crash, wipe, pause, toggle, clock_set, reads_fail;  ///< per mille
  bool grouped;           ///< one may try at a time, as a rule
  std::int64_t tick_ms;   ///< at most
  std::size_t long_tick;  ///< per mille of the ticks
  std::size_t clients;    ///< weight
  std::size_t burst;      ///< commands at once, at most
  owner::CandidateOptions options;
};

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed);

  void run();

  const Coverage& coverage() const { return coverage_; }
  const Trace& trace() const { return trace_; }

 private:
  void act();
  void fault();
  void toggle();
  void tick();
  void client();
  void submit(Node& node, const pb::LedgerEvent& draft, owner::Candidate::Deadline until);
  void answered(std::size_t attempt, owner::Outcome outcome);
  void crash(Node& node);
  void start(Node& node);
  void landed(log::Offset offset, const std::string& stored);

  void heal();
  Node& choose_heir();
  void await_service(Node& heir);
  void await_answers();
  void round();
  void settle(Node& heir);

  Node* any(bool awake);
  Node* find(SharedLog::Process process);

  Chance chance_;
  Coverage coverage_;
  Trace trace_;
  const Profile profile_;
  SharedLog log_;
  Oracle oracle_;
  Clients clients_;
  std::vector<std::unique_ptr<Node>> nodes_;

  struct Given {
    Attempt attempt;
    SharedLog::Process process = 0;
    bool definite = false;
  };
  std::vector<Given> given_;
  SharedLog::Process processes_ = 0;
};

}  // namespace fl::sim

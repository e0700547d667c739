#include "tests/simulation/simulation.hpp"

#include <algorithm>

namespace fl::sim {

using owner::Candidate;

RunResult run_seed(std::uint64_t seed) {
  RunResult result;
  Simulation simulation(seed);
  try {
    simulation.run();
  } catch (const Violation& violation) {
    result.violation = violation.what();
    result.trace_tail = simulation.trace().tail();
  }
  result.trace_hash = simulation.trace().hash();
  result.coverage = simulation.coverage();
  return result;
}

Simulation::Simulation(std::uint64_t seed)
    : chance_(seed),
      profile_(chance_),
      log_(furnished(), chance_, coverage_, trace_, profile_.log,
           {[this](log::Offset offset, const std::string& stored) { landed(offset, stored); },
            [this](SharedLog::Process process, Report report) {
              if (auto* node = find(process)) node->told(std::move(report));
            }}),
      oracle_(log_.records(), coverage_),
      clients_(chance_, coverage_) {
  for (int number = 1; number <= profile_.nodes; ++number) {
    auto options = profile_.options;
    options.name = {fmt::format("node-{}", number), fmt::format("tls://node-{}:1", number)};
    const auto now = test::kGenesisTime + Duration{static_cast<std::int64_t>(chance_.below(5'000))};
    nodes_.push_back(std::make_unique<Node>(
        number, Node::World{log_, oracle_, chance_, coverage_, trace_}, options, now));
    start(*nodes_.back());
  }
}

void Simulation::run() {
  for (std::size_t i = 0; i < profile_.actions; ++i) act();
  heal();
  auto& heir = choose_heir();
  await_service(heir);
  settle(heir);
  await_answers();
  oracle_.finish();
}

// ---- faults and work ----

void Simulation::act() {
  const auto kind = chance_.below(100 + profile_.clients);
  if (kind < 2) return fault();
  if (kind < 20) return tick();
  if (kind < 45) {
    log_.move_one();
    return;
  }
  if (kind >= 100) return client();
  auto* node = any(true);
  if (node == nullptr) return tick();
  if (kind < 60) {
    if (node->reports_waiting() > 0) node->take_report();
  } else if (kind < 80) {
    node->read_on(chance_.between(1, 6));
  } else {
    node->step();
  }
}

void Simulation::fault() {
  if (chance_.per_mille(profile_.toggle)) toggle();
  auto& node = *nodes_[chance_.below(nodes_.size())];
  if (!node.up()) return start(node);
  if (node.paused) {
    node.paused = false;
    const auto& chain = node.candidate().chain();
    const bool deposed = node.serves() && oracle_.chain().epoch > chain.epoch;
    if (deposed) coverage_.note(Happened::woke_up_deposed);
    trace_.say("node {}: wakes up{}", node.number(), deposed ? ", deposed meanwhile" : "");
    return;
  }
  if (chance_.per_mille(profile_.crash)) return crash(node);
  if (chance_.per_mille(profile_.pause)) {
    node.paused = true;
    coverage_.note(Happened::paused);
    trace_.say("node {}: sleeps", node.number());
  }
  if (chance_.per_mille(profile_.stranger)) {
    const auto& records = log_.records();
    const bool copy = chance_.per_mille(500);
    log_.put(copy ? records[chance_.below(records.size())] : chance_.bytes(chance_.below(40)));
  }
  if (chance_.per_mille(profile_.clock_set)) {
    coverage_.note(Happened::clock_set);
    const Duration by{static_cast<std::int64_t>(chance_.below(300'000)) - 200'000};
    trace_.say("node {}: its clock is set by {} ms", node.number(), by.ms);
    node.set_wall(node.wall() + by);
  }
  node.reads_fail = chance_.per_mille(profile_.reads_fail);
}

void Simulation::toggle() {
  const auto chosen = chance_.below(nodes_.size() + 1);
  for (std::size_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i]->up()) continue;
    const bool may = profile_.grouped && !chance_.per_mille(100)
                         ? i == chosen
                         : chance_.per_mille(600);
    nodes_[i]->may_try(may);
  }
  const auto trying = std::ranges::count_if(nodes_, [](auto& node) { return node->may_try(); });
  if (trying > 1) coverage_.note(Happened::several_may_try);
  if (trying == 0) coverage_.note(Happened::none_may_try);
}

void Simulation::tick() {
  auto by = static_cast<std::int64_t>(chance_.below(static_cast<std::size_t>(profile_.tick_ms)));
  if (chance_.per_mille(profile_.long_tick)) by *= 50;
  for (auto& node : nodes_) {
    // No two clocks go alike, and the two of one machine do not either.
    const auto wall = by + static_cast<std::int64_t>(chance_.below(20)) - 10;
    node->pass({wall}, {by + static_cast<std::int64_t>(chance_.below(3))});
  }
}

void Simulation::crash(Node& node) {
  for (auto& given : given_) {
    if (given.process != node.process() || given.attempt.answered) continue;
    given.attempt.answered = true;
    oracle_.lost(given.attempt);
    clients_.leave_open(given.attempt.draft);
  }
  if (chance_.per_mille(profile_.wipe)) node.wipe();
  node.crash();
}

void Simulation::start(Node& node) { node.start(++processes_); }

void Simulation::landed(log::Offset offset, const std::string& stored) {
  const auto epoch = oracle_.chain().epoch;
  oracle_.landed(offset, stored);
  if (oracle_.chain().epoch == epoch) return;
  const auto serving = std::ranges::count_if(nodes_, [](auto& node) { return node->serves(); });
  if (serving > 0) coverage_.note(Happened::two_serve);
  const auto waits_for_it = [&](auto& node) {
    return node->up() && node->phase() == Candidate::Phase::fencing &&
           node->last_fence() == oracle_.chain().fence_record;
  };
  if (std::ranges::none_of(nodes_, waits_for_it)) coverage_.note(Happened::fence_own_but_given_up);
}

// ---- clients ----

void Simulation::client() {
  auto* node = any(true);
  for (auto& other : nodes_) {
    if (other->serves() && !other->paused && chance_.per_mille(800)) node = other.get();
  }
  if (node == nullptr || node->candidate().chain().next_offset == 0) return;
  if (!node->serves() && chance_.per_mille(900)) return;  // most know where the owner is
  for (auto commands = chance_.between(1, profile_.burst); commands > 0; --commands) {
    const auto draft = clients_.next(node->candidate().head(), node->wall());
    auto until = Candidate::Deadline::max();
    if (chance_.per_mille(200)) {
      until = node->steady() + std::chrono::milliseconds(chance_.below(3'000));
    }
    submit(*node, draft, until);
  }
}

void Simulation::submit(Node& node, const pb::LedgerEvent& draft, Candidate::Deadline until) {
  const auto number = given_.size();
  coverage_.note(Happened::command);
  trace_.say("client: attempt {} hands {} to node {}", number, draft.origin().command_id(),
             node.number());
  given_.push_back({{number, draft, log_.end(), false}, node.process(), false});
  node.submit(
      draft, [this, number](owner::Outcome outcome) { answered(number, std::move(outcome)); },
      until);
}

void Simulation::answered(std::size_t attempt, owner::Outcome outcome) {
  auto& given = given_[attempt];
  trace_.say("client: attempt {} is answered {}", attempt,
             outcome ? fmt::format("{}[{}]{}", outcome->place.offset, outcome->place.index,
                                   outcome->repeated ? " before" : "")
                     : outcome.error().code);
  const auto* node = find(given.process);
  if (node == nullptr) throw Violation("a process answers that is no more");
  oracle_.answered(given.attempt, outcome, node->serves());
  const bool open = !outcome && (outcome.error().kind == ErrorClass::retry ||
                                 outcome.error().kind == ErrorClass::unavailable);
  given.definite = !open;
  if (outcome) {
    clients_.settled(given.attempt.draft);
  } else if (open) {
    clients_.leave_open(given.attempt.draft);
  }
}

Node* Simulation::any(bool awake) {
  std::vector<Node*> fit;
  for (auto& node : nodes_) {
    if (node->up() && (!awake || !node->paused)) fit.push_back(node.get());
  }
  return fit.empty() ? nullptr : fit[chance_.below(fit.size())];
}

Node* Simulation::find(SharedLog::Process process) {
  for (auto& node : nodes_) {
    if (node->up() && node->process() == process) return node.get();
  }
  return nullptr;
}

}  // namespace fl::sim

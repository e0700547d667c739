#include <algorithm>

#include "tests/simulation/simulation.hpp"

// What comes after the faults: one node may try, and everything must come to an end.

namespace fl::sim {

using owner::Candidate;

namespace {
constexpr int kMostRounds = 4'000;
constexpr std::size_t kMostSettled = 12;
}  // namespace

void Simulation::heal() {
  trace_.say("---- the faults stop");
  log_.heal();
  for (auto& node : nodes_) {
    node->paused = false;
    node->reads_fail = false;
    if (node->up()) node->may_try(false);
  }
}

Node& Simulation::choose_heir() {
  auto& heir = *nodes_[chance_.below(nodes_.size())];
  const auto ledger = oracle_.chain().time;
  // A clock that was set is set right by an operator, who restarts the process to confirm it.
  const bool wrong_clock =
      heir.clock_was_set() || heir.wall() < ledger || std::ranges::any_of(nodes_, [&](auto& node) {
        return heir.wall() - node->wall() > seconds(30);
      });
  if (wrong_clock) {
    if (heir.up()) crash(heir);
    heir.set_wall(ledger);
  }
  if (!heir.up()) start(heir);
  heir.may_try(true);
  return heir;
}

void Simulation::round() {
  for (auto& node : nodes_) node->pass({20}, {20});
  for (int i = 0; i < 8; ++i) log_.move_one();
  for (auto& node : nodes_) {
    if (!node->up()) continue;
    while (node->reports_waiting() > 0) node->take_report();
    node->read_on(20);
    node->step();
  }
}

void Simulation::await_service(Node& heir) {
  for (int rounds = 0; rounds < kMostRounds; ++rounds) {
    round();
    if (!heir.serves()) continue;
    const auto number = given_.size();
    submit(heir, clients_.harmless(), Candidate::Deadline::max());
    while (!given_[number].attempt.answered && ++rounds < kMostRounds) round();
    if (given_[number].attempt.answered && given_[number].definite) return;
  }
  throw Violation("one node may try, and nothing is wrong any more, but it does not serve");
}

void Simulation::settle(Node& heir) {
  for (std::size_t i = 0; i < kMostSettled && clients_.has_open(); ++i) {
    submit(heir, clients_.take_open(), Candidate::Deadline::max());
    round();
  }
}

void Simulation::await_answers() {
  const auto unanswered = [&] {
    return std::ranges::count_if(given_, [](auto& given) { return !given.attempt.answered; });
  };
  for (int rounds = 0; rounds < kMostRounds && unanswered() > 0; ++rounds) round();
  if (unanswered() > 0) {
    throw Violation(fmt::format("{} commands are never answered", unanswered()));
  }
}

}  // namespace fl::sim

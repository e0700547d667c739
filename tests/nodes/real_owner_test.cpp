#include <doctest/doctest.h>

#include <random>

#include "tests/nodes/fake_nodes.hpp"
#include "tests/owner/house.hpp"
#include "tests/support/seed.hpp"

using namespace fl;
using namespace fl::test;

namespace {

/// Stands before an owner and at random loses commands, their answers, or refuses to serve.
class FlakyGate : public owner::CommandGate {
 public:
  FlakyGate(owner::CommandGate& behind, std::uint64_t seed) : behind_(behind), random_(seed) {}

  void submit(ledger::Command command, owner::Reply reply, Deadline deadline) override {
    switch (chance()) {
      case 0:  // never heard of again: only an owner that changes helps
        return;
      case 1:
        return behind_.submit(
            std::move(command), [](const owner::Outcome&) {}, deadline);
      case 2:
        return reply(owner::unknown_outcome());
      case 3:
        return behind_.submit(
            std::move(command), [reply](const owner::Outcome&) { reply(owner::unknown_outcome()); },
            deadline);
      case 4:
        return reply(fail(ErrorClass::unavailable, "owner_unavailable", "", "Not now."));
      default:
        return behind_.submit(std::move(command), std::move(reply), deadline);
    }
  }
  owner::LedgerHead head() const override { return behind_.head(); }
  const pb::Genesis& genesis() const override { return behind_.genesis(); }
  Status health() const override { return behind_.health(); }

 private:
  std::uint64_t chance() {
    const std::lock_guard lock(mutex_);
    return random_() % 10;
  }
  owner::CommandGate& behind_;
  std::mutex mutex_;
  std::mt19937_64 random_;
};

}  // namespace

TEST_CASE("a purchase on one node is decided by the owner on another, once") {
  House house;
  const auto owner = house.start();
  house.furnish(*owner);
  const Deployment deployment;
  const Node node(*owner, deployment.node());
  FakeDirectory directory(node.url);
  const auto forwarder = forward(directory, deployment.node(), {node.url});
  const auto purchase = draft::buy("bob", "clip", usd(500));
  const auto bought = answer_of(ask(*forwarder, purchase));
  REQUIRE(bought);
  CHECK(bought->event.has_purchased());
  CHECK(bought->event.postings_size() > 0);  // what the rules filled in
  CHECK_FALSE(bought->repeated);
  const auto records = house.records();
  const auto again = answer_of(ask(*forwarder, purchase));
  REQUIRE(again);
  CHECK(again->repeated);
  CHECK(again->place.seq == bought->place.seq);
  CHECK(again->place.offset == bought->place.offset);
  CHECK(again->place.time == bought->place.time);
  CHECK(house.records() == records);
  const auto refused = answer_of(ask(*forwarder, draft::buy("bob", "clip", usd(500))));
  REQUIRE_FALSE(refused);
  CHECK(refused.error() == run(*owner, draft::buy("bob", "clip", usd(500))).error());
}

TEST_CASE("an owner that is over is followed by the next on the same log") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);
  const Deployment deployment;
  auto node = std::make_unique<Node>(*owner, deployment.node());
  const auto first_url = node->url;
  FakeGate later_gate;
  const Node later(later_gate, deployment.node());  // stands for the next one's address
  FakeDirectory directory(first_url);
  const auto forwarder = forward(directory, deployment.node(), {first_url, later.url});
  const auto tip = draft::tip("bob", "ann", usd(100));
  const auto first = answer_of(ask(*forwarder, tip));
  REQUIRE(first);
  node->server->stop();
  owner->stop();
  const auto next = house.start();
  later_gate.say(FakeGate::hold_all());
  directory.set_owner(later.url);
  auto pending = ask(*forwarder, tip);
  later_gate.await_taken(1);
  later_gate.held().at(0)(run(*next, later_gate.taken().at(0).draft));
  const auto second = answer_of(std::move(pending));
  REQUIRE(second);
  CHECK(second->repeated);
  CHECK(second->place.offset == first->place.offset);
}

TEST_CASE("whatever is lost on the way, each command is carried out once and answered") {
  const auto chosen = seed("lossy nodes");
  House house;
  const auto owner = house.start();
  house.furnish(*owner);
  const auto before = house.replica().state().next_event_seq;
  const Deployment deployment;
  FlakyGate gate(*owner, chosen);
  std::mt19937_64 random(chosen + 1);
  std::vector<std::unique_ptr<Node>> nodes;
  for (int i = 0; i < 2; ++i) nodes.push_back(std::make_unique<Node>(gate, deployment.node()));
  FakeDirectory directory;
  const auto forwarder = forward(directory, deployment.node(), {nodes[0]->url, nodes[1]->url});
  constexpr int kTips = 15;
  std::vector<Pending> pending;
  for (int i = 0; i < kTips; ++i) {
    pending.push_back(ask(*forwarder, draft::tip("bob", "ann", usd(100))));
  }
  const auto all_answered = [&] {
    return std::all_of(pending.begin(), pending.end(), [](const Pending& each) {
      return each.wait_for(std::chrono::milliseconds(1)) == std::future_status::ready;
    });
  };
  await([&] {
    directory.set_owner(nodes[random() % 2]->url);
    return all_answered();
  });
  for (auto& each : pending) {
    const auto outcome = each.get();
    if (!outcome) FAIL(outcome.error().code);
    CHECK(outcome->event.has_tipped());
  }
  CHECK(house.replica().state().next_event_seq == before + kTips);
}

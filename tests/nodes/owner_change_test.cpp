#include <doctest/doctest.h>

#include <atomic>

#include "tests/nodes/fake_nodes.hpp"
#include "tests/nodes/raw_peer.hpp"

using namespace fl;
using namespace fl::test;
using std::chrono::milliseconds;

namespace {

const Error kNotServing{ErrorClass::unavailable, "owner_unavailable", "", "Not now."};
const Error kUnknown{ErrorClass::retry, "outcome_unknown", "", "Who knows."};

/// Two nodes of one deployment, and a third that hands commands to them.
struct Three {
  Deployment deployment;
  FakeGate first_gate;
  FakeGate second_gate;
  Node first{first_gate, deployment.node()};
  Node second{second_gate, deployment.node()};
  FakeDirectory directory{first.url};
  std::unique_ptr<nodes::Forwarder> forwarder =
      forward(directory, deployment.node(), {first.url, second.url});
};

std::string code_of(Pending pending) {
  const auto outcome = answer_of(std::move(pending));
  return outcome ? "accepted" : outcome.error().code;
}

}  // namespace

TEST_CASE(
    "when the owner changes, what it has in hand is asked again at the next, and answered once") {
  Three nodes;
  nodes.first_gate.say(FakeGate::hold_all());
  std::atomic<int> answers = 0;
  std::promise<owner::Outcome> answer;
  nodes.forwarder->submit(
      {numbered(1)},
      [&](owner::Outcome outcome) {
        if (++answers == 1) answer.set_value(std::move(outcome));
      },
      owner::CommandGate::Deadline::max());
  nodes.first_gate.await_taken(1);
  nodes.directory.set_owner(nodes.second.url);
  CHECK(answer_of(answer.get_future()));
  CHECK(nodes.second_gate.taken().size() == 1);
  nodes.first_gate.held().at(0)(accepted(numbered(1)));  // the old owner wakes up
  nodes.directory.set_owner(nodes.first.url);
  nodes.first_gate.say(FakeGate::accept_all());
  CHECK(answer_of(ask(*nodes.forwarder, numbered(2))));
  nodes.forwarder->stop();
  CHECK(answers == 1);
}

TEST_CASE("an owner that dies with a command in hand leaves it to the next") {
  Three nodes;
  nodes.first_gate.say(FakeGate::hold_all());
  auto pending = ask(*nodes.forwarder, numbered(1));
  nodes.first_gate.await_taken(1);
  nodes.first.server->stop();
  nodes.directory.set_owner(nodes.second.url);
  CHECK(answer_of(std::move(pending)));
  CHECK(nodes.second_gate.taken().at(0).draft.SerializeAsString() ==
        numbered(1).SerializeAsString());
}

TEST_CASE("without a next owner nobody knows at the deadline what came of it") {
  Three nodes;
  nodes.first_gate.say(FakeGate::hold_all());
  auto pending = ask(*nodes.forwarder, numbered(1), in(milliseconds(1'000)));
  nodes.first_gate.await_taken(1);
  nodes.first.server->stop();
  const auto outcome = answer_of(std::move(pending));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == "outcome_unknown");
  CHECK(outcome.error().kind == ErrorClass::retry);
}

TEST_CASE("an owner that takes a command and never answers leaves it unknown at the deadline") {
  Three nodes;
  nodes.first_gate.say(FakeGate::hold_all());
  CHECK(code_of(ask(*nodes.forwarder, numbered(1), in(milliseconds(1'000)))) == "outcome_unknown");
}

TEST_CASE("what was in nobody's hands was not done: no owner known, none there, late already") {
  Three nodes;
  const auto soon = [] { return in(milliseconds(200)); };
  CHECK(code_of(ask(*nodes.forwarder, numbered(1), in(milliseconds(-1)))) == "owner_unavailable");
  nodes.directory.set_owner("");
  CHECK(code_of(ask(*nodes.forwarder, numbered(2), soon())) == "owner_unavailable");
  nodes.second.server->stop();
  nodes.directory.set_owner(nodes.second.url);
  CHECK(code_of(ask(*nodes.forwarder, numbered(3), soon())) == "owner_unavailable");
  CHECK(nodes.first_gate.taken().empty());
}

TEST_CASE("a node that does not serve yet is asked again until it does") {
  Three nodes;
  nodes.first_gate.say(FakeGate::refuse_all(kNotServing));
  auto pending = ask(*nodes.forwarder, numbered(1));
  nodes.first_gate.await_taken(3);
  nodes.first_gate.say(FakeGate::accept_all());
  CHECK(answer_of(std::move(pending)));
}

TEST_CASE("a node that never serves did not do it") {
  Three nodes;
  nodes.first_gate.say(FakeGate::refuse_all(kNotServing));
  CHECK(code_of(ask(*nodes.forwarder, numbered(1), in(milliseconds(300)))) == "owner_unavailable");
  CHECK_FALSE(nodes.first_gate.taken().empty());
}

TEST_CASE("a command whose outcome is not known is asked again until it is") {
  Three nodes;
  nodes.first_gate.say(FakeGate::refuse_all(kUnknown));
  auto pending = ask(*nodes.forwarder, numbered(1));
  nodes.first_gate.await_taken(3);
  nodes.first_gate.say(FakeGate::refuse_all({ErrorClass::conflict, "sold", "post", "Sold."}));
  CHECK(code_of(std::move(pending)) == "sold");
}

TEST_CASE("'not now' does not say that an owner before did not do it") {
  Three nodes;
  nodes.first_gate.say(FakeGate::refuse_all(kUnknown));
  auto unknown = ask(*nodes.forwarder, numbered(1), in(milliseconds(1'500)));
  nodes.first_gate.await_taken(1);
  SUBCASE("of a node that does not serve") {
    nodes.second_gate.say(FakeGate::refuse_all(kNotServing));
  }
  SUBCASE("of a clock that jumped") {
    nodes.second_gate.say(
        FakeGate::refuse_all({ErrorClass::unavailable, "clock_jumped", "clock", "It jumped."}));
  }
  SUBCASE("of a deadline") {
    nodes.second_gate.say(
        FakeGate::refuse_all({ErrorClass::unavailable, "deadline_passed", "", "Too late."}));
  }
  nodes.directory.set_owner(nodes.second.url);
  nodes.second_gate.await_taken(1);
  CHECK(code_of(std::move(unknown)) == "outcome_unknown");
}

TEST_CASE("a node that is not in the list is never called, whoever names it") {
  Three nodes;
  const RawListener other;
  auto pending = ask(*nodes.forwarder, numbered(1));
  CHECK(answer_of(std::move(pending)));
  nodes.directory.set_owner(other.url());
  CHECK(code_of(ask(*nodes.forwarder, numbered(2), in(milliseconds(300)))) == "owner_unavailable");
  CHECK_FALSE(other.called());
  CHECK(nodes.first_gate.taken().size() == 1);
  nodes.directory.set_owner(nodes.second.url);
  CHECK(answer_of(ask(*nodes.forwarder, numbered(3))));
}

TEST_CASE("an owner that comes back under its address is asked at once") {
  Three nodes;
  // A rest that would outlast the test, were it kept.
  const auto forwarder =
      forward(nodes.directory, nodes.deployment.node(), {nodes.first.url},
              [](auto& o) { o.first_rest = o.longest_rest = std::chrono::hours(1); });
  nodes.first_gate.say(FakeGate::refuse_all(kNotServing));
  auto pending = ask(*forwarder, numbered(1));
  nodes.first_gate.await_taken(1);
  nodes.first_gate.say(FakeGate::accept_all());
  // It may still be on its way to its rest: whoever reads the fence again wakes it again.
  await([&] {
    nodes.directory.set_owner(nodes.first.url);
    return pending.wait_for(milliseconds(10)) == std::future_status::ready;
  });
  CHECK(pending.get());
}

TEST_CASE("an owner that falls silent with commands in hand is cut, and they go to the next") {
  const Deployment deployment;
  FakeGate gate;
  const Node second(gate, deployment.node());
  RawListener first;
  FakeDirectory directory(first.url());
  const auto forwarder = forward(directory, deployment.node(), {first.url(), second.url},
                                 [](auto& o) { o.limits = hasty(); });
  auto pending = ask(*forwarder, numbered(1));
  {
    RawPeer owner(first);
    REQUIRE(owner.answer_hands(deployment.node()));
    pb::NodeReply hello;
    hello.mutable_hello()->set_version(1);
    hello.mutable_hello()->set_ledger_id(directory.genesis().ledger_id());
    REQUIRE(owner.write_frame(hello.SerializeAsString()));
    CHECK(owner.is_cut());
  }
  {
    const RawPeer silent(first);  // the next call is not even answered
    directory.set_owner(second.url);
    CHECK(answer_of(std::move(pending)));
  }
}

TEST_CASE("an owner that does not let us in has nothing in hand") {
  const Deployment deployment;
  RawListener listener;
  FakeDirectory directory(listener.url());
  const auto forwarder = forward(directory, deployment.node(), {listener.url()});
  auto pending = ask(*forwarder, numbered(1), in(milliseconds(1'000)));
  RawPeer owner(listener);
  REQUIRE(owner.answer_hands(deployment.node()));
  CHECK(code_of(std::move(pending)) == "owner_unavailable");
}

TEST_CASE("an owner that sends what cannot be read is cut") {
  const Deployment deployment;
  RawListener listener;
  FakeDirectory directory(listener.url());
  const auto forwarder = forward(directory, deployment.node(), {listener.url()});
  for (const auto& rubbish : {std::string("\0\0\0\0", 4), std::string("\xff\xff\xff\xff"),
                              std::string("\0\0\0\1\xff", 5)}) {
    RawPeer owner(listener);
    REQUIRE(owner.answer_hands(deployment.node()));
    REQUIRE(owner.write(rubbish));
    CHECK(owner.is_cut());
  }
}

#include "api/nodes/forwarder.hpp"

#include <doctest/doctest.h>
#include <openssl/ssl.h>

#include "tests/nodes/fake_nodes.hpp"

using namespace fl;
using namespace fl::test;
using std::chrono::milliseconds;

TEST_CASE("a command goes to the owner, and its reply comes back whole") {
  const Deployment deployment;
  FakeGate gate([](const pb::LedgerEvent& draft) { return accepted(draft, 4711, true); });
  const Node owner(gate, deployment.node());
  FakeDirectory directory(owner.url);
  const auto forwarder = forward(directory, deployment.node(), {owner.url});
  const auto deadline = in(std::chrono::seconds(50));
  const auto outcome = answer_of(ask(*forwarder, numbered(1), deadline));
  REQUIRE(outcome);
  CHECK(outcome->event.SerializeAsString() == numbered(1).SerializeAsString());
  CHECK(outcome->place.seq == 4711);
  CHECK(outcome->place.offset == 4712);
  CHECK(outcome->place.index == 3);
  CHECK(outcome->place.time == Instant{1'767'225'600'123});
  CHECK(outcome->repeated);
  const auto taken = gate.taken();
  REQUIRE(taken.size() == 1);
  CHECK(taken[0].draft.SerializeAsString() == numbered(1).SerializeAsString());
  // Of the deadline only what was left is sent, so it can come out later by the way there.
  CHECK(taken[0].deadline >= deadline);
  CHECK(taken[0].deadline < in(std::chrono::seconds(51)));
}

TEST_CASE("a refusal keeps its class, code, field and message") {
  const Deployment deployment;
  FakeGate gate;
  const Node owner(gate, deployment.node());
  FakeDirectory directory(owner.url);
  const auto forwarder = forward(directory, deployment.node(), {owner.url});
  for (const auto kind :
       {ErrorClass::malformed, ErrorClass::unauthorized, ErrorClass::refused, ErrorClass::not_found,
        ErrorClass::conflict, ErrorClass::retry, ErrorClass::unavailable}) {
    const Error error{kind, "price_changed", "price", "Not UTF-8: \xff."};
    gate.say(FakeGate::refuse_all(error));
    const auto outcome = answer_of(ask(*forwarder, numbered(1)));
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error() == error);
  }
}

TEST_CASE("two hundred commands are in flight at once, and each gets its own answer") {
  const Deployment deployment;
  FakeGate gate(FakeGate::hold_all());
  const Node owner(gate, deployment.node());
  FakeDirectory directory(owner.url);
  const auto forwarder = forward(directory, deployment.node(), {owner.url});
  std::vector<Pending> pending;
  for (int i = 0; i < 200; ++i) pending.push_back(ask(*forwarder, numbered(i)));
  gate.await_taken(200);
  const auto taken = gate.taken();
  const auto replies = gate.held();
  REQUIRE(replies.size() == 200);
  for (std::size_t i = 200; i-- > 0;) replies[i](accepted(taken[i].draft));
  for (int i = 0; i < 200; ++i) {
    const auto outcome = answer_of(std::move(pending[static_cast<std::size_t>(i)]));
    REQUIRE(outcome);
    CHECK(outcome->event.SerializeAsString() == numbered(i).SerializeAsString());
  }
  CHECK(gate.taken().size() == 200);
}

TEST_CASE("a node that is called by a name shows a certificate of that name") {
  const Deployment deployment;
  FakeGate gate;
  const Node owner(gate, deployment.node("localhost"), "localhost");
  FakeDirectory directory(owner.url);
  const auto forwarder = forward(directory, deployment.node(), {owner.url});
  CHECK(answer_of(ask(*forwarder, numbered(1))));
}

TEST_CASE("nobody is asked who has the certificate of another host, or of another authority") {
  const Deployment deployment;
  const Deployment strangers;
  FakeGate gate;
  for (const auto& certificates :
       {deployment.node("127.0.0.2"), deployment.node("localhost"), strangers.node()}) {
    const Node owner(gate, certificates);
    FakeDirectory directory(owner.url);
    const auto forwarder = forward(directory, deployment.node(), {owner.url});
    const auto outcome = answer_of(ask(*forwarder, numbered(1), in(milliseconds(300))));
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().code == "owner_unavailable");
    CHECK(outcome.error().kind == ErrorClass::unavailable);
  }
  CHECK(gate.taken().empty());
}

TEST_CASE("a node of another ledger is not asked") {
  const Deployment deployment;
  FakeGate gate;
  gate.set_ledger_id("another ledger 1");
  const Node owner(gate, deployment.node());
  FakeDirectory directory(owner.url);
  const auto forwarder = forward(directory, deployment.node(), {owner.url});
  const auto outcome = answer_of(ask(*forwarder, numbered(1), in(milliseconds(300))));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == "owner_unavailable");
  CHECK(gate.taken().empty());
}

TEST_CASE("health says who is missing: an owner, a listed one, its answer, or its health") {
  const Deployment deployment;
  FakeGate gate;
  const Node owner(gate, deployment.node());
  FakeDirectory directory;
  const auto forwarder =
      forward(directory, deployment.node(), {owner.url, "tls://127.0.0.1:1"}, [](auto& o) {
        o.patience = milliseconds(500);
        o.limits.sign_of_life = milliseconds(20);
      });
  const auto code = [&] {
    const auto health = forwarder->health();
    return health ? std::string("well") : health.error().code;
  };
  CHECK(code() == "owner_unknown");
  directory.set_owner("tls://127.0.0.1:2");
  CHECK(code() == "owner_not_listed");
  directory.set_owner("nonsense");
  CHECK(code() == "owner_not_listed");
  directory.set_owner("tls://127.0.0.1:1");
  CHECK(code() == "owner_silent");
  directory.set_owner(owner.url);
  await([&] { return code() == "well"; });
  gate.set_health(fail(ErrorClass::unavailable, "log_failed", "", "The storage has failed."));
  await([&] { return code() == "log_failed"; });
  gate.set_health({});
  await([&] { return code() == "well"; });
  owner.server->stop();
  await([&] { return code() == "owner_silent"; });
}

TEST_CASE("head and genesis are what this node has read itself") {
  const Deployment deployment;
  FakeDirectory directory;
  const auto forwarder = forward(directory, deployment.node(), {});
  CHECK(forwarder->head().next_event_seq == 42);
  CHECK(&forwarder->genesis() == &directory.genesis());
  CHECK(forwarder->decimals(*Currency::parse("USD")) == 2);
}

#include <doctest/doctest.h>

#include <set>
#include <thread>

#include "api/nodes/backoff.hpp"
#include "api/nodes/node_url.hpp"
#include "tests/nodes/fake_nodes.hpp"
#include "tests/support/seed.hpp"

using namespace fl;
using namespace fl::test;
using std::chrono::milliseconds;

TEST_CASE("a command without a deadline does not wait for ever") {
  const Deployment deployment;
  FakeDirectory directory;
  const auto forwarder = forward(directory, deployment.node(), {},
                                 [](auto& o) { o.longest_wait = milliseconds(100); });
  const auto outcome = answer_of(ask(*forwarder, numbered(1)));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == "owner_unavailable");
  CHECK(nodes::ForwarderOptions().longest_wait == std::chrono::seconds(30));
}

TEST_CASE("beyond the commands that may wait, one is refused at once, and room is given back") {
  const Deployment deployment;
  FakeGate gate;
  const Node owner(gate, deployment.node());
  FakeDirectory directory;
  const auto bytes = numbered(1).ByteSizeLong();
  const auto forwarder = forward(directory, deployment.node(), {owner.url}, [&](auto& o) {
    SUBCASE("by their number") {
      o.commands = 2;
    }
    SUBCASE("by their size") {
      o.command_bytes = 2 * bytes;
    }
  });
  for (int round = 0; round < 3; ++round) {
    auto one = ask(*forwarder, numbered(1));
    auto two = ask(*forwarder, numbered(2));
    auto three = ask(*forwarder, numbered(3));
    REQUIRE(three.wait_for(milliseconds(0)) == std::future_status::ready);
    CHECK(three.get().error().code == "owner_unavailable");
    directory.set_owner(owner.url);
    CHECK(answer_of(std::move(one)));
    CHECK(answer_of(std::move(two)));
    directory.set_owner("");
  }
}

TEST_CASE("a command that fits no frame is refused, one that just fits is carried") {
  const Deployment deployment;
  FakeGate gate;
  const Node owner(gate, deployment.node());
  FakeDirectory directory(owner.url);
  const auto forwarder = forward(directory, deployment.node(), {owner.url});
  auto big = numbered(1);
  const auto limit = patient().frame_bytes;
  const auto pad = [&](std::size_t size) {
    big.mutable_origin()->set_command_id("");
    const auto rest = big.ByteSizeLong();
    big.mutable_origin()->set_command_id(std::string(size - rest - 11, 'x'));
  };
  pad(limit);
  CHECK(answer_of(ask(*forwarder, big)).error().code == "command_too_large");
  pad(limit - 128);
  const auto outcome = answer_of(ask(*forwarder, big));
  REQUIRE(outcome);
  CHECK(outcome->event.SerializeAsString() == big.SerializeAsString());
}

TEST_CASE("a node takes no more commands of a link than its bound, and the rest later") {
  const Deployment deployment;
  FakeGate gate(FakeGate::hold_all());
  auto started = nodes::NodeServer::start(gate, {.listen = "127.0.0.1:0",
                                                 .certificates = deployment.node(),
                                                 .limits = patient(),
                                                 .commands_a_link = 3});
  REQUIRE(started);
  const auto url = "tls://127.0.0.1:" + std::to_string((*started)->port());
  FakeDirectory directory(url);
  const auto forwarder = forward(directory, deployment.node(), {url});
  std::vector<Pending> pending;
  for (int i = 0; i < 10; ++i) pending.push_back(ask(*forwarder, numbered(i)));
  std::size_t answered = 0;
  while (answered < 10) {
    gate.await_taken(std::min<std::size_t>(10, answered + 3));
    auto replies = gate.held();
    CHECK(replies.size() <= 3);
    for (const auto& reply : replies) reply(accepted(numbered(0)));
    answered += replies.size();
  }
  for (auto& each : pending) CHECK(answer_of(std::move(each)));
  CHECK(gate.taken().size() == 10);
}

TEST_CASE("a forwarder that stops answers whoever waits") {
  const Deployment deployment;
  FakeGate gate(FakeGate::hold_all());
  const Node owner(gate, deployment.node());
  FakeDirectory directory(owner.url);
  const auto forwarder = forward(directory, deployment.node(), {owner.url});
  auto asked = ask(*forwarder, numbered(1));
  gate.await_taken(1);
  directory.set_owner("");
  auto waiting = ask(*forwarder, numbered(2));
  forwarder->stop();
  CHECK(answer_of(std::move(asked)).error().code == "outcome_unknown");
  CHECK(answer_of(std::move(waiting)).error().code == "owner_unavailable");
  CHECK(answer_of(ask(*forwarder, numbered(3))).error().code == "owner_unavailable");
  forwarder->stop();
}

TEST_CASE("a server that has stopped sends no reply, however late the gate comes with one") {
  const Deployment deployment;
  FakeGate gate(FakeGate::hold_all());
  auto owner = std::make_unique<Node>(gate, deployment.node());
  FakeDirectory directory(owner->url);
  const auto forwarder = forward(directory, deployment.node(), {owner->url});
  auto pending = ask(*forwarder, numbered(1), in(milliseconds(1'000)));
  gate.await_taken(1);
  owner->server->stop();
  gate.held().at(0)(accepted(numbered(1)));
  auto replies = [&] {
    owner.reset();
    return gate.held();
  }();
  CHECK(replies.empty());
  CHECK(answer_of(std::move(pending)).error().code == "outcome_unknown");
}

TEST_CASE("commands may come from many threads while the owner comes and goes and all is stopped") {
  const Deployment deployment;
  FakeGate gate;
  const Node owner(gate, deployment.node());
  FakeDirectory directory(owner.url);
  const auto forwarder = forward(directory, deployment.node(), {owner.url});
  std::atomic<int> answered = 0;
  std::vector<std::thread> callers;
  for (int t = 0; t < 4; ++t) {
    std::vector<pb::LedgerEvent> drafts;
    for (int i = 0; i < 250; ++i) drafts.push_back(numbered(1'000 * t + i));
    callers.emplace_back([&, drafts = std::move(drafts)] {
      for (const auto& draft : drafts) {
        forwarder->submit({draft}, [&](const owner::Outcome&) { ++answered; });
      }
    });
  }
  for (int i = 0; i < 20; ++i) directory.set_owner(i % 2 == 0 ? "" : owner.url);
  gate.await_taken(1);
  forwarder->stop();
  for (auto& caller : callers) caller.join();
  CHECK(answered == 1'000);
}

TEST_CASE("an address of a node is tls://HOST:PORT, and the same however it is written") {
  for (const auto* good :
       {"tls://node-1.example:7443", "tls://10.0.0.7:1", "tls://[fd00::7]:65535"}) {
    const auto parsed = nodes::parse_node_url(good, "node");
    REQUIRE(parsed);
    CHECK(nodes::node_url(*parsed) == good);
  }
  CHECK(*nodes::parse_node_url("tls://NODE.example:7", "") ==
        *nodes::parse_node_url("tls://node.example:7", ""));
  for (const auto* bad :
       {"", "tls://", "tls://a", "tls://a:", "tls://:7", "tls://a:0", "tls://a:65536", "tls://a:7/",
        "tls://a:+7", "tls://a b:7", "http://a:7", "tls://[fd00::7:7", "tls://fd00::7:7",
        "tls://[a]:7", "tls://a:7\n", "tls://us\xc3\xa9r:7", "tls://u@a:7"}) {
    CAPTURE(bad);
    const auto parsed = nodes::parse_node_url(bad, "node");
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == "node_url_malformed");
    CHECK(parsed.error().field == "node");
  }
  CHECK(nodes::parse_listen("0.0.0.0:0", ""));
  CHECK(nodes::parse_listen("[::]:7443", ""));
  CHECK_FALSE(nodes::parse_listen("localhost:7443", ""));
}

TEST_CASE("rests grow to their bound, are never two the same for all, and begin anew") {
  nodes::Backoff backoff(milliseconds(20), milliseconds(500),
                         static_cast<std::uint32_t>(seed("backoff")));
  std::set<milliseconds> last;
  for (int due = 20; due < 500; due *= 2) {
    const auto rest = backoff.next();
    CHECK(rest >= milliseconds(due / 2));
    CHECK(rest <= milliseconds(due));
  }
  for (int i = 0; i < 50; ++i) {
    const auto rest = backoff.next();
    CHECK(rest >= milliseconds(250));
    CHECK(rest <= milliseconds(500));
    last.insert(rest);
  }
  CHECK(last.size() > 5);
  backoff.reset();
  CHECK(backoff.next() <= milliseconds(20));
}

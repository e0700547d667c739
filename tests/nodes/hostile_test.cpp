#include <doctest/doctest.h>

#include <memory>

#include "core/base/encoding.hpp"
#include "tests/nodes/fake_nodes.hpp"
#include "tests/nodes/raw_peer.hpp"

using namespace fl;
using namespace fl::test;

namespace {

/// A node that strangers come to, and one way to see that it has not come to harm.
struct Besieged {
  explicit Besieged(const nodes::LinkLimits& limits = patient(), std::size_t links = 256) {
    auto started = nodes::NodeServer::start(gate, {.listen = "127.0.0.1:0",
                                                   .certificates = deployment.node(),
                                                   .limits = limits,
                                                   .links = links});
    if (!started) FAIL(started.error().message);
    server = std::move(*started);
  }
  std::uint16_t port() const { return server->port(); }
  bool serves() {
    RawPeer peer(port());
    return peer.shake_hands(deployment.node()) && peer.greeted();
  }
  /// A peer that was let in.
  std::unique_ptr<RawPeer> welcome() const {
    auto peer = std::make_unique<RawPeer>(port());
    REQUIRE(peer->shake_hands(deployment.node()));
    REQUIRE(peer->greeted());
    return peer;
  }

  Deployment deployment;
  FakeGate gate;
  std::unique_ptr<nodes::NodeServer> server;
};

std::string head_request() {
  pb::NodeRequest request;
  request.mutable_head();
  return request.SerializeAsString();
}

std::string submit_request() {
  pb::NodeRequest request;
  request.mutable_submit()->set_draft(numbered(1).SerializeAsString());
  request.mutable_submit()->set_remaining_ms(1'000);
  return request.SerializeAsString();
}

pb::NodeReply reply_to(RawPeer& peer, const std::string& request) {
  REQUIRE(peer.write_frame(request));
  pb::NodeReply reply;
  const auto header = peer.read(4);
  REQUIRE(header.size() == 4);
  REQUIRE(reply.ParseFromString(peer.read(BinaryReader(header).u32())));
  return reply;
}

}  // namespace

TEST_CASE("without a certificate of the authority that is valid now nobody is let in") {
  Besieged node;
  const Deployment strangers;
  const std::optional<std::filesystem::path> none;
  for (const auto& certificates : {none, std::optional(strangers.node()),
                                   std::optional(node.deployment.node("h", days(31)))}) {
    RawPeer peer(node.port());
    peer.shake_hands(certificates);
    peer.write_frame(submit_request());
    CHECK_FALSE(peer.greeted());
    CHECK(peer.is_cut());
  }
  CHECK(node.gate.taken().empty());
  CHECK(node.serves());
}

TEST_CASE("a certificate that no node would accept is refused at the start of its own") {
  const Deployment deployment;
  FakeGate gate;
  const auto start = [&](const std::filesystem::path& certificates) {
    const auto started = nodes::NodeServer::start(
        gate, {.listen = "127.0.0.1:0", .certificates = certificates, .limits = {}});
    return started ? std::string() : started.error().code;
  };
  CHECK(start(deployment.node()).empty());
  CHECK(start(deployment.node("h", days(31))) == "node_certificate_unusable");
  const auto mixed = deployment.node();
  const auto copy = std::filesystem::copy_options::overwrite_existing;
  std::filesystem::copy_file(deployment.node() / "node.key", mixed / "node.key", copy);
  CHECK(start(mixed) == "node_certificate_unusable");
  const auto foreign = deployment.node();
  std::filesystem::copy_file(Deployment().node() / "ca.pem", foreign / "ca.pem", copy);
  CHECK(start(foreign) == "node_certificate_unusable");
  const auto exposed = deployment.node();
  std::filesystem::permissions(exposed / "node.key", std::filesystem::perms(0640));
  CHECK(start(exposed) == "key_exposed");
  for (const auto* file : {"ca.pem", "node.pem", "node.key"}) {
    const auto missing = deployment.node();
    std::filesystem::remove(missing / file);
    CHECK(start(missing) == "node_certificate_unusable");
  }
}

TEST_CASE("who does not speak TLS, or an old one, is cut, and others are served on") {
  Besieged node;
  for (const auto& rubbish :
       {std::string("GET / HTTP/1.1\r\nHost: node\r\n\r\n"), std::string(100'000, '\0'),
        std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11) + std::string(600, 'x')}) {
    RawPeer peer(node.port());
    peer.write(rubbish);
    CHECK(peer.is_cut());
  }
  RawPeer old(node.port());
  CHECK_FALSE(old.shake_hands(node.deployment.node(), TLS1_2_VERSION));
  CHECK(node.serves());
}

TEST_CASE("a frame that is empty, too large or no request ends the link") {
  Besieged node;
  for (const auto& rubbish :
       {std::string("\0\0\0\0", 4), std::string("\xff\xff\xff\xff", 4),
        std::string("\x00\x40\x00\x01", 4), std::string("\0\0\0\2\xff\xff", 6)}) {
    const auto peer = node.welcome();
    peer->write(rubbish);
    CHECK(peer->is_cut());
  }
  CHECK(node.serves());
}

TEST_CASE("a request of a newer node, and a draft that nobody here knows, are refused as such") {
  Besieged node;
  const auto peer = node.welcome();
  pb::NodeRequest unknown;
  unknown.set_id(5);
  auto reply = reply_to(*peer, unknown.SerializeAsString());
  CHECK(reply.id() == 5);
  CHECK(reply.error().code() == "request_unknown");
  pb::NodeRequest submit;
  submit.set_id(6);
  submit.mutable_submit()->set_draft("no event");
  reply = reply_to(*peer, submit.SerializeAsString());
  CHECK(reply.id() == 6);
  CHECK(reply.error().code() == "event_unreadable");
  CHECK(node.gate.taken().empty());
  CHECK(reply_to(*peer, submit_request()).has_accepted());
}

TEST_CASE("whoever asks for the head is told where the owner stands and how it is") {
  Besieged node;
  node.gate.set_health(fail(ErrorClass::unavailable, "log_failed", "", "It failed."));
  const auto peer = node.welcome();
  const auto head = reply_to(*peer, head_request()).head();
  CHECK(head.ledger_id() == node.gate.genesis().ledger_id());
  CHECK(head.next_event_seq() == 42);
  CHECK(head.health().code() == "log_failed");
}

TEST_CASE("a peer that does not begin, falls silent, or does not end a message is cut") {
  Besieged node(hasty());
  RawPeer mute(node.port());
  const auto silent = node.welcome();
  CHECK(mute.is_cut());
  CHECK(silent->is_cut());
  auto limits = patient();
  limits.frame_time = std::chrono::milliseconds(300);
  limits.silence = std::chrono::milliseconds(2'000);
  Besieged slow(limits);
  const auto peer = slow.welcome();
  peer->write(std::string("\0\0\0\x09half", 8));
  CHECK(peer->is_cut());
}

TEST_CASE("a peer that asks and does not read is cut") {
  auto limits = patient();
  SUBCASE("because it takes nothing for too long") {
    limits.silence = std::chrono::milliseconds(300);
    limits.queued_bytes = std::size_t{1} << 30;  // more than is ever asked here
  }
  SUBCASE("because too much waits for it") {
    limits.queued_bytes = 64 * 1024;
  }
  Besieged node(limits);
  const auto peer = node.welcome();
  const auto request = head_request();
  // Its own requests are not read any more once it is cut, so writing them fails.
  std::size_t asked = 0;
  while (peer->write_frame(request)) REQUIRE(++asked < 3'000'000);
  CHECK(node.serves());
}

TEST_CASE("strangers that hold every link keep no node out") {
  Besieged node(patient(), 3);
  std::vector<std::unique_ptr<RawPeer>> strangers;
  for (int i = 0; i < 10; ++i) strangers.push_back(std::make_unique<RawPeer>(node.port()));
  CHECK(node.serves());
  const auto one = node.welcome();
  const auto two = node.welcome();
  const auto three = node.welcome();
  await([&] { return node.server->links() == 3; });
  RawPeer late(node.port());  // nobody is put out for one more
  CHECK(late.is_cut());
  CHECK(reply_to(*one, head_request()).has_head());
}

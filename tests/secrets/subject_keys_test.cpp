#include "core/secrets/subject_keys.hpp"

#include <doctest/doctest.h>

#include "core/secrets/sealing.hpp"
#include "tests/secrets/counting_random.hpp"
#include "tests/support/faulty_log.hpp"

using namespace fl;
using namespace fl::secrets;

namespace {

const auto kAda = derive_id<AccountId>("test", "", "ada");
const auto kBob = derive_id<AccountId>("test", "", "bob");

SecretKey wrapping_key(std::uint8_t first = 1) {
  CountingRandom random(first);
  return SecretKey::random(random);
}

/// One node on a log that may be shared.
struct Node {
  explicit Node(test::FaultyLog& log, std::uint8_t key = 1)
      : store(SecretStore::open(log).value()), wrapping(wrapping_key(key)) {}
  std::unique_ptr<SecretStore> store;
  SecretKey wrapping;
  SystemRandom random;
  SubjectKeys keys{*store, wrapping, random};
};

}  // namespace

TEST_CASE("[B9] a key is durable before its first use, and made once") {
  test::FaultyLog log;
  Node node(log);
  CHECK(node.keys.key_of(kAda) == KeyState::missing);
  CHECK(node.keys.seal_text(kAda, "f", "text").error().code == "key_missing");
  REQUIRE(node.keys.ensure(kAda));
  REQUIRE(node.keys.ensure(kAda));
  CHECK(log.appends() == 1);
  CHECK(node.keys.key_of(kAda) == KeyState::present);
  CHECK(node.keys.key_of(kBob) == KeyState::missing);

  log.fail_after(0);
  REQUIRE_FALSE(node.keys.ensure(kBob));
  CHECK_FALSE(node.keys.seal_text(kBob, "f", "text"));
}

TEST_CASE("[B9] a text opens on another node and after a restart, in its own field only") {
  test::FaultyLog log;
  Node node(log);
  REQUIRE(node.keys.ensure(kAda));
  const auto sealed = node.keys.seal_text(kAda, "post.caption", "hello").value();
  CHECK(log.everything().find("hello") == std::string::npos);
  for (const bool compacted : {false, true}) {
    if (compacted) log.compact(test::Deletions::go);
    const Node other(log);
    const auto opened = other.keys.open_text(sealed, "post.caption");
    CHECK(opened.state == TextState::open);
    CHECK(opened.text == "hello");
    CHECK(other.keys.open_text(sealed, "tip.note").state == TextState::damaged);
  }
}

TEST_CASE(
    "[B9] an erased key stays erased: on this node, on others, after restart and compaction") {
  test::FaultyLog log;
  Node node(log);
  Node other(log);
  REQUIRE(node.keys.ensure(kAda));
  REQUIRE(node.keys.ensure(kBob));
  const auto sealed = node.keys.seal_text(kAda, "f", "hello").value();
  const auto bobs = node.keys.seal_text(kBob, "f", "hi").value();
  REQUIRE(other.store->refresh());
  REQUIRE(other.keys.open_text(sealed, "f").state == TextState::open);
  const auto wrapped = node.store->with_prefix("k" + kAda.raw(), 1).at(0).value;

  REQUIRE(node.keys.erase(kAda));
  CHECK(node.keys.open_text(sealed, "f").state == TextState::erased);
  CHECK(node.keys.open_text(sealed, "f").text.empty());
  CHECK(node.keys.ensure(kAda).error().code == "account_erased");
  CHECK(node.keys.seal_text(kAda, "f", "again").error().code == "account_erased");
  REQUIRE(other.store->refresh());
  CHECK(other.keys.open_text(sealed, "f").state == TextState::erased);
  CHECK(other.keys.open_text(bobs, "f").text == "hi");

  log.compact(test::Deletions::go);
  CHECK(log.everything().find(wrapped) == std::string::npos);
  Node restarted(log);
  CHECK(restarted.keys.key_of(kAda) == KeyState::erased);
  CHECK(restarted.keys.open_text(sealed, "f").state == TextState::erased);
  CHECK(restarted.keys.ensure(kAda).error().code == "account_erased");
  CHECK(restarted.keys.open_text(bobs, "f").text == "hi");
  REQUIRE(restarted.keys.erase(kAda));
  CHECK(restarted.keys.key_of(kAda) == KeyState::erased);
}

TEST_CASE("a key that this node has not read yet is missing, not erased") {
  test::FaultyLog log;
  Node node(log);
  Node behind(log);
  REQUIRE(node.keys.ensure(kAda));
  const auto sealed = node.keys.seal_text(kAda, "f", "hello").value();
  CHECK(behind.keys.open_text(sealed, "f").state == TextState::missing);
  REQUIRE(behind.store->refresh());
  CHECK(behind.keys.open_text(sealed, "f").text == "hello");
}

TEST_CASE("two nodes that make a key for one account at once lose no text, and both keys go") {
  // What a race leaves: each node's key, one after the other, in the one log.
  test::FaultyLog log;
  test::FaultyLog apart;
  Node one(log);
  Node two(apart);
  REQUIRE(one.keys.ensure(kAda));
  REQUIRE(two.keys.ensure(kAda));
  const auto first = one.keys.seal_text(kAda, "f", "first").value();
  const auto second = two.keys.seal_text(kAda, "f", "second").value();
  const auto entry = two.store->with_prefix("k" + kAda.raw(), 1).at(0);
  REQUIRE(one.store->put(entry.key, entry.value));

  log.compact(test::Deletions::go);
  Node both(log);
  CHECK(both.keys.open_text(first, "f").text == "first");
  CHECK(both.keys.open_text(second, "f").text == "second");
  REQUIRE(both.keys.erase(kAda));
  CHECK(both.store->size() == 1);
  CHECK(both.keys.open_text(first, "f").state == TextState::erased);
  CHECK(both.keys.open_text(second, "f").state == TextState::erased);
}

TEST_CASE("under another wrapping key nothing opens, nothing is sealed and no second key is made") {
  test::FaultyLog log;
  Node node(log);
  REQUIRE(node.keys.ensure(kAda));
  const auto sealed = node.keys.seal_text(kAda, "f", "hello").value();
  Node stranger(log, 99);
  CHECK(stranger.keys.open_text(sealed, "f").state == TextState::damaged);
  CHECK(stranger.keys.seal_text(kAda, "f", "x").error().code == "key_unreadable");
  REQUIRE(stranger.keys.ensure(kAda));
  CHECK(log.appends() == 1);
}

TEST_CASE("a person's wrapped key cannot be moved to another person") {
  test::FaultyLog log;
  Node node(log);
  REQUIRE(node.keys.ensure(kAda));
  const auto entry = node.store->with_prefix("k" + kAda.raw(), 1).at(0);
  REQUIRE(node.store->put("k" + kBob.raw() + entry.key.substr(17), entry.value));
  CHECK(node.keys.seal_text(kBob, "f", "x").error().code == "key_unreadable");
}

TEST_CASE("a sealed text without a subject is damaged") {
  test::FaultyLog log;
  Node node(log);
  CHECK(node.keys.open_text({}, "f").state == TextState::damaged);
}

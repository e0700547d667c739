#include "core/secrets/sessions.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <random>
#include <set>

#include "core/base/encoding.hpp"
#include "core/base/sha256.hpp"
#include "tests/support/faulty_log.hpp"

using namespace fl;
using namespace fl::secrets;

namespace {

const auto kAda = derive_id<AccountId>("test", "", "ada");
const auto kBob = derive_id<AccountId>("test", "", "bob");
constexpr Instant kNow{1'700'000'000'000};

struct Node {
  explicit Node(test::FaultyLog& log) : store(SecretStore::open(log).value()) {}
  std::unique_ptr<SecretStore> store;
  SystemRandom random;
  Sessions sessions{*store, random};
};

}  // namespace

TEST_CASE("[P2] a token opens its account's session, on every node and after a restart") {
  test::FaultyLog log;
  Node node(log);
  Node other(log);
  const auto token = node.sessions.create(kAda, kNow).value();
  CHECK(token.size() == 47);
  CHECK(token.starts_with("fls_"));
  const auto session = node.sessions.find(token, kNow);
  REQUIRE(session);
  CHECK(session->account == kAda);
  CHECK(session->created == kNow);
  CHECK(session->expires == kNow + days(30));
  REQUIRE(other.store->refresh());
  CHECK(other.sessions.find(token, kNow)->account == kAda);
  log.compact(test::Deletions::go);
  Node restarted(log);
  CHECK(restarted.sessions.find(token, kNow)->id == session->id);
}

TEST_CASE("[D21] the log holds a token's hash alone, and the hash opens nothing") {
  test::FaultyLog log;
  Node node(log);
  const auto token = node.sessions.create(kAda, kNow).value();
  const auto raw = from_base64url(token.substr(4)).value();
  const auto all = log.everything();
  CHECK(all.find(token) == std::string::npos);
  CHECK(all.find(token.substr(4)) == std::string::npos);
  CHECK(all.find(raw) == std::string::npos);
  const auto hash = sha256(token);
  CHECK(all.find(hash.view()) != std::string::npos);
  CHECK_FALSE(node.sessions.find("fls_" + to_base64url(hash.view()), kNow));
  CHECK_FALSE(node.sessions.find(node.sessions.find(token, kNow)->id.str(), kNow));
}

TEST_CASE("[D21] a session ends at its time, to the millisecond") {
  test::FaultyLog log;
  Node node(log);
  const auto token = node.sessions.create(kAda, kNow, minutes(5)).value();
  CHECK(node.sessions.find(token, Instant{(kNow + minutes(5)).ms - 1}));
  CHECK_FALSE(node.sessions.find(token, kNow + minutes(5)));
  CHECK(node.sessions.list(kAda, kNow + minutes(5)).empty());
}

TEST_CASE(
    "[D21] whoever rests on a session is told of its end, once, when nobody finds it any more") {
  test::FaultyLog log;
  Node node(log);
  std::vector<SessionId> told;
  node.sessions.on_ended([&](const SessionId& session) { told.push_back(session); });
  std::vector<std::string> tokens;
  std::vector<SessionId> ids;
  for (int i = 0; i < 4; ++i) {
    tokens.push_back(node.sessions.create(kAda, kNow + seconds(i)).value());
    ids.push_back(node.sessions.find(tokens.back(), kNow)->id);
  }
  CHECK(told.empty());
  REQUIRE(node.sessions.revoke(tokens[0]));
  REQUIRE(node.sessions.revoke(tokens[0]));
  CHECK(told == std::vector{ids[0]});
  REQUIRE(node.sessions.revoke(kAda, ids[1]));
  CHECK(told == std::vector{ids[0], ids[1]});
  REQUIRE(node.sessions.revoke_all(kAda, ids[2]));
  CHECK(told == std::vector{ids[0], ids[1], ids[3]});
  for (std::size_t i = 0; i < Sessions::kMaxPerAccount; ++i) {
    REQUIRE(node.sessions.create(kAda, kNow + minutes(1)));
  }
  CHECK(told == std::vector{ids[0], ids[1], ids[3], ids[2]});  // one too many: the oldest goes
}

TEST_CASE("what is not a token is nobody's") {
  test::FaultyLog log;
  Node node(log);
  const auto token = node.sessions.create(kAda, kNow).value();
  auto flipped = token;
  flipped[10] = flipped[10] == 'a' ? 'b' : 'a';
  auto other_prefix = token;
  other_prefix[2] = 'x';
  const std::string rows[] = {"",
                              "fls_",
                              token.substr(0, 46),
                              token + "A",
                              " " + token,
                              flipped,
                              other_prefix,
                              token.substr(4),
                              "fls_" + std::string(43, '='),
                              std::string(47, '\0'),
                              std::string(1'000'000, 'a')};
  for (const auto& row : rows) CHECK_FALSE(node.sessions.find(row, kNow));
  CHECK(node.sessions.find(token, kNow));
}

TEST_CASE("random changes of a token never open a session") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  test::FaultyLog log;
  Node node(log);
  const auto token = node.sessions.create(kAda, kNow).value();
  for (int i = 0; i < 5000; ++i) {
    auto changed = token;
    for (auto n = 1 + random() % 4; n > 0; --n) {
      const auto at = random() % (changed.size() + 1);
      switch (random() % 3) {
        case 0:
          changed.insert(at, 1, static_cast<char>(random() % 256));
          break;
        case 1:
          if (at < changed.size()) changed.erase(at, 1);
          break;
        default:
          if (at < changed.size()) changed[at] = static_cast<char>(random() % 256);
      }
    }
    CHECK(node.sessions.find(changed, kNow).has_value() == (changed == token));
  }
}

TEST_CASE("[P2] one session is revoked by its token or by its id, and the others stay") {
  test::FaultyLog log;
  Node node(log);
  const auto one = node.sessions.create(kAda, kNow).value();
  const auto two = node.sessions.create(kAda, kNow + seconds(1)).value();
  const auto bobs = node.sessions.create(kBob, kNow).value();
  const auto id_two = node.sessions.find(two, kNow)->id;
  REQUIRE(node.sessions.revoke(one));
  REQUIRE(node.sessions.revoke(one));
  CHECK_FALSE(node.sessions.find(one, kNow));
  CHECK(node.sessions.find(two, kNow));

  CHECK(node.sessions.revoke(kBob, id_two).error().code == "session_unknown");
  CHECK(node.sessions.find(two, kNow));
  REQUIRE(node.sessions.revoke(kAda, id_two));
  CHECK_FALSE(node.sessions.find(two, kNow));
  CHECK(node.sessions.find(bobs, kNow));
  Node restarted(log);
  CHECK_FALSE(restarted.sessions.find(one, kNow));
  CHECK_FALSE(restarted.sessions.find(two, kNow));
}

TEST_CASE("[D21] all sessions of an account end at once, but for the one that asks") {
  test::FaultyLog log;
  Node node(log);
  Node other(log);
  std::vector<std::string> tokens;
  for (int i = 0; i < 5; ++i) tokens.push_back(node.sessions.create(kAda, kNow).value());
  const auto bobs = node.sessions.create(kBob, kNow).value();
  const auto kept = node.sessions.find(tokens[2], kNow)->id;
  const auto elsewhere = other.sessions.create(kAda, kNow).value();  // not read by `node` yet
  REQUIRE(node.sessions.revoke_all(kAda, kept));
  for (int i = 0; i < 5; ++i) {
    CHECK(node.sessions.find(tokens[static_cast<std::size_t>(i)], kNow).has_value() == (i == 2));
  }
  CHECK_FALSE(node.sessions.find(elsewhere, kNow));
  REQUIRE(node.sessions.revoke_all(kAda));
  CHECK(node.sessions.list(kAda, kNow).empty());
  CHECK(node.sessions.find(bobs, kNow));
  REQUIRE(other.store->refresh());
  CHECK_FALSE(other.sessions.find(tokens[2], kNow));
}

TEST_CASE("[P2] the list shows an account's own sessions, newest first") {
  test::FaultyLog log;
  Node node(log);
  for (int i = 0; i < 3; ++i) REQUIRE(node.sessions.create(kAda, kNow + seconds(i)));
  REQUIRE(node.sessions.create(kBob, kNow));
  const auto list = node.sessions.list(kAda, kNow + seconds(9));
  REQUIRE(list.size() == 3);
  CHECK(list[0].created == kNow + seconds(2));
  CHECK(list[2].created == kNow);
}

TEST_CASE("an account has at most twenty sessions: the oldest goes, expired ones first") {
  test::FaultyLog log;
  Node node(log);
  std::vector<std::string> tokens;
  for (int i = 0; i < 21; ++i) {
    tokens.push_back(node.sessions.create(kAda, kNow + seconds(i)).value());
  }
  CHECK_FALSE(node.sessions.find(tokens[0], kNow));
  CHECK(node.sessions.find(tokens[1], kNow));
  CHECK(node.sessions.list(kAda, kNow).size() == 20);

  const auto brief = node.sessions.create(kBob, kNow, seconds(1)).value();
  std::vector<std::string> lasting;
  for (int i = 0; i < 19; ++i) {
    lasting.push_back(node.sessions.create(kBob, Instant{kNow.ms - 1000 + i}).value());
  }
  REQUIRE(node.sessions.list(kBob, kNow).size() == 20);
  REQUIRE(node.sessions.create(kBob, kNow + seconds(2)));
  for (const auto& token : lasting) CHECK(node.sessions.find(token, kNow));
  CHECK_FALSE(node.sessions.find(brief, kNow));
}

TEST_CASE("expired sessions are dropped, as many as asked and no living one") {
  test::FaultyLog log;
  Node node(log);
  for (int i = 0; i < 5; ++i) REQUIRE(node.sessions.create(kAda, kNow, seconds(1)));
  const auto living = node.sessions.create(kBob, kNow).value();
  CHECK(node.sessions.drop_expired(kNow + seconds(1), 3) == 3U);
  CHECK(node.sessions.drop_expired(kNow + seconds(1), 100) == 2U);
  CHECK(node.sessions.drop_expired(kNow + seconds(1), 100) == 0U);
  CHECK(node.store->size() == 1);
  CHECK(node.sessions.find(living, kNow));
}

TEST_CASE("no token is given that the log does not hold") {
  test::FaultyLog log;
  Node node(log);
  log.fail_after(0);
  CHECK_FALSE(node.sessions.create(kAda, kNow));
  CHECK(node.sessions.list(kAda, kNow).empty());
}

TEST_CASE("a damaged entry is no session") {
  test::FaultyLog log;
  Node node(log);
  REQUIRE(node.store->put("s" + std::string(32, 'x'), "\xff\xff"));
  REQUIRE(node.store->put("sshort", "x"));
  CHECK(node.sessions.create(kAda, kNow));
  CHECK(node.sessions.list(kAda, kNow).size() == 1);
}

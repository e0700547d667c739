#include "core/secrets/passwords.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <ctime>
#include <limits>
#include <thread>
#include <vector>

#include "core/secrets/password_rules.hpp"
#include "tests/support/faulty_log.hpp"

using namespace fl;
using namespace fl::secrets;

namespace {
const auto kAda = derive_id<AccountId>("test", "", "ada");
const auto kBob = derive_id<AccountId>("test", "", "bob");
constexpr PasswordCost kCheap{1, 8192};

std::int64_t thread_time_ns() {
  timespec now{};
  REQUIRE(::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now) == 0);
  return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}
}  // namespace

TEST_CASE("[P1] a password is kept as Argon2id at libsodium's interactive cost, salted") {
  const auto hash = hash_password("correct horse").value();
  CHECK(hash.starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
  CHECK(hash != hash_password("correct horse").value());
  CHECK(verify_password(hash, "correct horse"));
  CHECK_FALSE(verify_password(hash, "correct horsf"));
  CHECK_FALSE(verify_password(hash, ""));
  CHECK_FALSE(needs_rehash(hash));
}

TEST_CASE(
    "a hash of another cost, or none at all, is to be renewed, and rubbish verifies nothing") {
  const auto cheap = hash_password("x", kCheap).value();
  CHECK(needs_rehash(cheap));
  CHECK_FALSE(needs_rehash(cheap, kCheap));
  for (const auto& rubbish : {std::string(), std::string("$argon2id$"), std::string(500, 'x'),
                              cheap.substr(0, cheap.size() - 1)}) {
    CHECK(needs_rehash(rubbish));
    CHECK_FALSE(verify_password(rubbish, "x"));
    CHECK_FALSE(verify_password(rubbish, ""));
  }
}

TEST_CASE("[P2] the right password is right, for its account alone, also after a restart") {
  test::FaultyLog log;
  const auto store = SecretStore::open(log).value();
  Passwords passwords(*store, kCheap);
  REQUIRE(passwords.set(kAda, "tulip-garden-9", Instant{1000}));
  CHECK(passwords.check(kAda, "tulip-garden-9") == PasswordCheck::right);
  CHECK(passwords.check(kAda, "tulip-garden-8") == PasswordCheck::wrong);
  CHECK(passwords.check(kBob, "tulip-garden-9") == PasswordCheck::wrong);
  CHECK(passwords.check(std::nullopt, "tulip-garden-9") == PasswordCheck::wrong);
  CHECK(passwords.changed_at(kAda) == Instant{1000});
  CHECK(passwords.has(kAda));
  CHECK_FALSE(passwords.has(kBob));
  CHECK(log.everything().find("tulip") == std::string::npos);

  const auto again = SecretStore::open(log).value();
  Passwords restarted(*again, kCheap);
  CHECK(restarted.check(kAda, "tulip-garden-9") == PasswordCheck::right);
  REQUIRE(restarted.set(kAda, "other-garden-9", Instant{2000}));
  CHECK(restarted.check(kAda, "tulip-garden-9") == PasswordCheck::wrong);
  REQUIRE(restarted.erase(kAda));
  CHECK(restarted.check(kAda, "other-garden-9") == PasswordCheck::wrong);
}

TEST_CASE("a hash of an older cost is renewed at the next right password, not at a wrong one") {
  test::FaultyLog log;
  const auto store = SecretStore::open(log).value();
  REQUIRE(Passwords(*store, kCheap).set(kAda, "tulip-garden-9", Instant{1000}));
  Passwords dearer(*store, {2, 16384});
  CHECK(dearer.check(kAda, "wrong") == PasswordCheck::wrong);
  CHECK(log.appends() == 1);
  CHECK(dearer.check(kAda, "tulip-garden-9") == PasswordCheck::right);
  CHECK(log.appends() == 2);
  CHECK(log.everything().find("m=16,t=2") != std::string::npos);
  CHECK(dearer.check(kAda, "tulip-garden-9") == PasswordCheck::right);
  CHECK(log.appends() == 2);
  CHECK(dearer.changed_at(kAda) == Instant{1000});
}

TEST_CASE("[D21] a check takes as long for an unknown account as for a wrong password") {
  test::FaultyLog log;
  const auto store = SecretStore::open(log).value();
  Passwords passwords(*store, {1, 4 * 1024 * 1024});
  REQUIRE(passwords.set(kAda, "tulip-garden-9", Instant{}));
  struct Case {
    std::optional<AccountId> account;
    std::string password;
    std::int64_t least = std::numeric_limits<std::int64_t>::max();
  };
  Case cases[] = {{kAda, "wrong-password"},
                  {kBob, "wrong-password"},
                  {std::nullopt, "wrong-password"},
                  {kAda, std::string(1 << 20, 'x')}};
  // This thread's own work, the least of many rounds in turn: so that what else runs on the machine
  // does not count. Without the work for nothing the unknown ones are a thousand times faster.
  for (int round = 0; round < 15; ++round) {
    for (auto& one : cases) {
      const auto begin = thread_time_ns();
      CHECK(passwords.check(one.account, one.password) == PasswordCheck::wrong);
      one.least = std::min(one.least, thread_time_ns() - begin);
    }
  }
  for (const auto& one : cases) {
    CHECK(one.least > cases[0].least / 3);
    CHECK(one.least < cases[0].least * 3);
  }
}

TEST_CASE("a password beyond the limit is not set, and checks as wrong even when it begins right") {
  test::FaultyLog log;
  const auto store = SecretStore::open(log).value();
  Passwords passwords(*store, kCheap);
  const std::string longest(kMaxPasswordBytes, 'x');
  CHECK(passwords.set(kAda, longest + "x", {}).error().code == "password_too_long");
  REQUIRE(passwords.set(kAda, longest, {}));
  CHECK(passwords.check(kAda, longest) == PasswordCheck::right);
  CHECK(passwords.check(kAda, longest + "x") == PasswordCheck::wrong);
}

TEST_CASE("checks at once beyond the bound wait for their turn and all are answered") {
  test::FaultyLog log;
  const auto store = SecretStore::open(log).value();
  Passwords passwords(*store, kCheap, 1);
  REQUIRE(passwords.set(kAda, "tulip-garden-9", {}));
  std::atomic<int> right = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&] {
        for (int i = 0; i < 20; ++i) {
          const auto check = passwords.check(kAda, "tulip-garden-9");
          if (check && *check == PasswordCheck::right) ++right;
        }
      });
    }
  }
  CHECK(right == 80);
}

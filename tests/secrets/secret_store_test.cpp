#include "core/secrets/secret_store.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "tests/support/faulty_log.hpp"

using namespace fl;
using namespace fl::secrets;
using namespace std::chrono_literals;

namespace {
/// Polls until the condition holds; false when it did not within ten seconds.
bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}
}  // namespace

TEST_CASE("what was put is there, durable, and there again after a restart") {
  for (const log::PartitionIndex partitions : {1U, 4U}) {
    test::FaultyLog log({.secrets = partitions});
    {
      const auto store = SecretStore::open(log).value();
      for (int i = 0; i < 100; ++i) {
        REQUIRE(store->put("p" + std::to_string(i), "v" + std::to_string(i)));
      }
      REQUIRE(store->put("p7", "other"));
      REQUIRE(store->erase("p8"));
      CHECK(store->get("p7") == "other");
      CHECK_FALSE(store->get("p8"));
    }
    for (const bool compacted : {false, true}) {
      if (compacted) log.compact(test::Deletions::go);
      const auto store = SecretStore::open(log).value();
      CHECK(store->size() == 99);
      CHECK(store->get("p7") == "other");
      CHECK(store->get("p99") == "v99");
      CHECK_FALSE(store->get("p8"));
      CHECK_FALSE(store->get("p"));
    }
  }
}

TEST_CASE("entries with a prefix come in order and up to the number asked for") {
  test::FaultyLog log;
  const auto store = SecretStore::open(log).value();
  for (const char* key : {"kb", "ka2", "ka1", "ka", "l", "j"}) REQUIRE(store->put(key, key));
  const auto found = store->with_prefix("ka", 10);
  REQUIRE(found.size() == 3);
  CHECK(found[0].key == "ka");
  CHECK(found[2].key == "ka2");
  CHECK(store->with_prefix("k", 2).size() == 2);
}

TEST_CASE("what the log does not take is not seen") {
  test::FaultyLog log;
  const auto store = SecretStore::open(log).value();
  REQUIRE(store->put("pa", "old"));
  log.fail_after(0);
  const auto put = store->put("pa", "new");
  REQUIRE_FALSE(put);
  CHECK(put.error().kind == ErrorClass::unavailable);
  CHECK(store->get("pa") == "old");
}

TEST_CASE("records of one id go into the log in one step") {
  test::FaultyLog log({.secrets = 8});
  const auto store = SecretStore::open(log).value();
  const std::string id = "k0123456789abcdef";
  const log::NewRecord records[] = {{id, "1"}, {id + "x", "2"}, {id + "y", "3"}};
  REQUIRE(store->write(records));
  CHECK(log.appends() == 1);
  CHECK(store->with_prefix(id, 9).size() == 3);
}

TEST_CASE("an empty key and a value beyond the limit are refused before the log") {
  test::FaultyLog log;
  const auto store = SecretStore::open(log).value();
  CHECK(store->put("", "x").error().code == "secret_malformed");
  CHECK(store->put("p", std::string(64 * 1024 + 1, 'x')).error().code == "secret_malformed");
  CHECK(log.appends() == 0);
}

TEST_CASE("another node's writes are seen after a refresh, and the log's order decides") {
  test::FaultyLog log;
  const auto one = SecretStore::open(log).value();
  const auto two = SecretStore::open(log).value();
  REQUIRE(one->put("pa", "one"));
  CHECK_FALSE(two->get("pa"));
  REQUIRE(two->refresh());
  CHECK(two->get("pa") == "one");
  REQUIRE(two->put("pa", "two"));
  REQUIRE(one->refresh());
  CHECK(one->get("pa") == "two");
}

TEST_CASE(
    "a store that follows sees another node's writes by itself, also after waiting was ended") {
  test::FaultyLog log({.secrets = 2});
  const auto one = SecretStore::open(log).value();
  const auto two = SecretStore::open(log).value();
  two->follow();
  REQUIRE(one->put("pa", "x"));
  CHECK(eventually([&] { return two->get("pa") == "x"; }));
  log.stop_waiting();
  const auto ended = log.waits();
  REQUIRE(eventually([&] { return log.waits() > ended + 6; }));
  REQUIRE(one->put("pb", "y"));
  CHECK(eventually([&] { return two->get("pb") == "y"; }));
}

TEST_CASE("a watcher is told what stands there, then each change, of its kind alone") {
  test::FaultyLog log;
  const auto store = SecretStore::open(log).value();
  REQUIRE(store->put("sa", "1"));
  REQUIRE(store->put("pa", "1"));
  std::vector<std::string> told;
  store->watch('s', [&](std::string_view key, std::string_view value) {
    told.push_back(std::string(key) + "=" + std::string(value));
  });
  REQUIRE(store->put("sb", "2"));
  REQUIRE(store->put("pb", "2"));
  REQUIRE(store->erase("sa"));
  CHECK(told == std::vector<std::string>{"sa=1", "sb=2", "sa="});
}

TEST_CASE("threads that write at once lose nothing, and every node comes to the same answer") {
  test::FaultyLog log({.secrets = 3});
  const auto one = SecretStore::open(log).value();
  const auto two = SecretStore::open(log).value();
  two->follow();
  std::atomic<int> failures = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        auto& store = t % 2 == 0 ? *one : *two;
        for (int i = 0; i < 200; ++i) {
          const auto own = "p" + std::to_string(t) + "-" + std::to_string(i);
          if (!store.put(own, "x") || !store.put("pshared", own) || store.get(own) != "x") {
            ++failures;
          }
        }
      });
    }
  }
  CHECK(failures == 0);
  REQUIRE(one->refresh());
  REQUIRE(two->refresh());
  CHECK(one->size() == 801);
  CHECK(two->size() == 801);
  CHECK(one->get("pshared") == two->get("pshared"));
  CHECK(SecretStore::open(log).value()->get("pshared") == one->get("pshared"));
}

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <map>
#include <random>

#include "projections/lane.hpp"
#include "projections/lane_plan.hpp"
#include "projections/store_handles.hpp"
#include "tests/projections/random_events.hpp"
#include "tests/projections/world.hpp"

using namespace fl;
using namespace fl::tests;
using namespace fl::projections;

namespace {

constexpr int kKilled = 77;
constexpr int kRecords = 1500;
constexpr log::PartitionIndex kPartitions = 3;

using Dump = std::map<std::string, std::string>;

/// Every row of every read model, positions with them.
Dump dump(const View& view, const std::vector<std::string>& names) {
  Dump rows;
  for (const auto& name : names) {
    view.scan(name, "", "", 1'000'000, [&](std::string_view key, std::string_view value) {
      rows[name + ":" + to_hex(key)] = to_hex(value);
      return true;
    });
  }
  return rows;
}

void fill(test::MemoryLog& log, std::uint64_t seed, int records) {
  RandomEvents events(seed);
  for (int i = 0; i < records; ++i) {
    if (events.below(3) == 0) {
      const bool is_void = events.below(10) == 0;
      std::vector<pb::LedgerEvent> batch;
      for (auto n = events.below(5); n > 0; --n) {
        // What nobody refers to later: a post published in vain could not be deleted.
        batch.push_back(is_void ? deposited("fan 0", 1) : events.ledger());
      }
      const auto epoch = is_void ? 2 : 1;
      const log::NewRecord record{"", test_batch(batch, 1000 + i, epoch)};
      REQUIRE(log.append(log::Stream::ledger, 0, {&record, 1}));
    } else {
      const auto event = events.activity();
      const log::NewRecord record{"", event.SerializeAsString()};
      const auto partition =
          activity::partition_of(event.about(), log.partitions(log::Stream::activity));
      REQUIRE(log.append(log::Stream::activity, partition, {&record, 1}));
    }
  }
}

ReadBounded reader_of(test::MemoryLog& log) {
  return [&log](log::Stream stream, log::PartitionIndex partition, log::Offset from,
                std::size_t records,
                std::size_t bytes) { return log.read(stream, partition, from, records, bytes); };
}

/// Opens the store, applies some bites of random size, and says whether the end came. `die`: ends
/// the process at once, without a flush, as a kill does.
bool run_some(test::MemoryLog& log, const std::filesystem::path& dir, std::mt19937_64& random,
              bool die) {
  ReadModels models;
  auto store = Store::open(dir, models.names());
  REQUIRE(store);
  auto plans = plan_lanes(**store, log, models.all());
  REQUIRE(plans);
  REQUIRE(plans->size() == 1);
  auto lane =
      Lane::open(**store, plans->front().projections, plans->front().progress, test_ledger());
  REQUIRE(lane);
  bool at_end = false;
  const auto bites = 1 + random() % 8;
  for (std::uint64_t i = 0; i < bites && !at_end; ++i) {
    const auto taken = lane->bite(reader_of(log), {1 + random() % 60, 1 + random() % 10'000}, {});
    REQUIRE(taken);
    at_end = *taken == 0;
    if (random() % 7 == 0) REQUIRE((*store)->flush(true));
  }
  if (die) _exit(kKilled);
  return at_end;
}

Dump one_shot(test::MemoryLog& log) {
  TempDir dir;
  ReadModels models;
  auto store = Store::open(dir.path() / "views", models.names());
  REQUIRE(store);
  auto plans = plan_lanes(**store, log, models.all());
  auto lane = Lane::open(**store, models.all(), plans->front().progress, test_ledger());
  REQUIRE(lane);
  REQUIRE(*lane->bite(reader_of(log), {1'000'000, 1U << 30}, {}) > 0);
  REQUIRE(*lane->bite(reader_of(log), {1'000'000, 1U << 30}, {}) == 0);
  return dump((*store)->view(), models.names());
}

struct NewerWallets : Projection {
  explicit NewerWallets(Wallets& wallets_in) : Projection("wallets", 2), wallets(wallets_in) {}
  using Projection::apply;
  Status apply(Txn& txn, const LedgerEventAt& at) override { return wallets.apply(txn, at); }
  Wallets& wallets;
};

/// Runs the test case below in a process of its own, which ends as if killed.
void run_and_kill(const std::filesystem::path& dir, std::uint64_t log_seed, std::uint64_t seed) {
  setenv("FANLEDGER_TEST_VIEWS", dir.c_str(), 1);
  setenv("FANLEDGER_TEST_LOG_SEED", std::to_string(log_seed).c_str(), 1);
  setenv("FANLEDGER_TEST_SEED", std::to_string(seed).c_str(), 1);
  std::string program = "/proc/self/exe";
  std::string unskip = "--no-skip";
  std::string only = "--test-case=some bites and then a kill*";
  char* const arguments[] = {program.data(), unskip.data(), only.data(), nullptr};
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments, environ) == 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  REQUIRE(WEXITSTATUS(status) == kKilled);
}

}  // namespace

TEST_CASE("some bites and then a kill (run by the next test)" * doctest::skip()) {
  const char* const dir = std::getenv("FANLEDGER_TEST_VIEWS");
  if (dir == nullptr) return;
  test::MemoryLog log({.activity = kPartitions});
  fill(log, std::strtoull(std::getenv("FANLEDGER_TEST_LOG_SEED"), nullptr, 10), kRecords);
  std::mt19937_64 random(std::strtoull(std::getenv("FANLEDGER_TEST_SEED"), nullptr, 10));
  run_some(log, dir, random, true);
  FAIL("not reached");
}

TEST_CASE("bites of any size, with kills between, give the rows of one long bite") {
  const auto first_seed = std::random_device{}();
  for (std::uint64_t round = 0; round < 4; ++round) {
    const auto seed = first_seed + round;
    INFO("seed " << seed);
    test::MemoryLog log({.activity = kPartitions});
    fill(log, seed, kRecords);
    TempDir dir;
    const auto views = dir.path() / "views";
    std::mt19937_64 random(seed);
    int kills = 0;
    for (bool at_end = false; !at_end;) {
      if (random() % 3 != 0 && kills < 8) {
        ++kills;
        run_and_kill(views, seed, random());
      } else {
        at_end = run_some(log, views, random, false);
      }
    }
    ReadModels models;
    auto store = Store::open(views, models.names());
    REQUIRE(store);
    const auto rows = dump((*store)->view(), models.names());
    const auto expected = one_shot(log);
    CHECK(rows.size() > 500);
    CHECK(rows == expected);
  }
}

TEST_CASE("the streams may be read in any order: the rows are the same") {
  const auto seed = std::random_device{}();
  INFO("seed " << seed);
  test::MemoryLog log({.activity = 3});
  fill(log, seed, 800);
  TempDir dir;
  ReadModels models;
  auto store = *Store::open(dir.path() / "views", models.names());
  Progress begin;
  begin.activity.resize(3, 0);
  auto lane = *Lane::open(*store, models.all(), begin, test_ledger());
  // Backwards: the last partition first, the ledger at the end.
  Progress up_to = begin;
  for (int i = 2; i >= -1; --i) {
    if (i >= 0) {
      const auto at = static_cast<log::PartitionIndex>(i);
      up_to.activity[at] = *log.end(log::Stream::activity, at);
    } else {
      up_to.ledger = *log.end(log::Stream::ledger, 0);
    }
    for (std::size_t taken = 1; taken > 0;) {
      const auto bite = lane.bite(reader_of(log), {100, 1U << 20}, up_to);
      REQUIRE(bite);
      taken = *bite;
    }
  }
  CHECK(dump(store->view(), models.names()) == one_shot(log));
}

TEST_CASE("a read model of another version is rebuilt by itself, to the same rows") {
  World world;
  fill(world.log, 42, 900);
  const auto before = dump(world.view(), world.models.names());
  world.runner.reset();

  NewerWallets newer(world.models.wallets);
  auto projections = world.models.all();
  projections.front() = &newer;
  {
    auto runner = *Runner::open(*world.store, world.log, projections, test_ledger());
    CHECK(runner->health().rebuilding == std::vector<std::string>{"wallets"});
    CHECK(runner->applied() == PositionToken());
    // The others are there all the while.
    CHECK_FALSE(world.models.feed.newest(world.store->view(), {}, {})->items.empty());
    world.ledger({deposited("fan 0", 1)});  // comes in meanwhile
    runner->start();
    REQUIRE(
        runner->wait_for(world.end(), std::chrono::steady_clock::now() + std::chrono::seconds(60)));
    CHECK(runner->health().rebuilding.empty());
  }
  auto after = dump(world.store->view(), world.models.names());
  world.runner = *Runner::open(*world.store, world.log, world.models.all(), test_ledger());
  world.runner->start();
  CHECK(world.runner->health().rebuilding == std::vector<std::string>{"wallets"});  // back again
  auto expected = dump(world.view(), world.models.names());
  const auto position = "wallets:" + to_hex(kPositionKey);
  CHECK(after.at(position) != expected.at(position));
  after.erase(position);
  expected.erase(position);
  CHECK(after == expected);
  CHECK(after.size() > before.size());
}

TEST_CASE("a read model that no longer exists is dropped, a new one is built") {
  World world;
  fill(world.log, 43, 300);
  const auto before = dump(world.view(), world.models.names());
  world.runner.reset();
  world.store.reset();
  {
    ReadModels models;
    std::vector<std::string> few = {"wallets", "feed"};
    REQUIRE(Store::open(world.views(), few));
  }
  world.open();
  CHECK(dump(world.view(), world.models.names()) == before);
}

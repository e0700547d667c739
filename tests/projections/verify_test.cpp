#include "projections/verify.hpp"

#include "projections/projection_position.hpp"
#include "projections/row_key.hpp"
#include "projections/store_handles.hpp"
#include "projections/txn.hpp"
#include "tests/projections/random_events.hpp"
#include "tests/projections/world.hpp"

using namespace fl;
using namespace fl::tests;
using namespace fl::projections;

namespace {

ReadRecords reader_of(test::MemoryLog& log) {
  return
      [&log](log::Stream stream, log::PartitionIndex partition, log::Offset from,
             std::size_t records) { return log.read(stream, partition, from, records, 1U << 20); };
}

void fill(World& world, int records) {
  RandomEvents events(7);
  for (int i = 0; i < records; ++i) {
    world.ledger({events.ledger(), events.ledger()}, 1000 + i);
    world.activity(events.activity());
  }
}

Result<VerifyReport> check(World& world, std::size_t max = 100) {
  TempDir scratch;
  return verify(world.store->view(), world.models.all(), reader_of(world.log), test_ledger(),
                scratch.path(), max);
}

/// The row of a fan's balance.
std::string balance_key() {
  return std::string(std::string_view(RowKey('b').u8(1).id(account("fan 0")).raw("USD")));
}

/// Writes behind the runner's back.
void tamper(World& world, const std::string& projection, const std::function<void(Txn&)>& change) {
  world.runner.reset();
  Txn txn(*world.store, projection);
  change(txn);
  Txn* const one = &txn;
  REQUIRE(world.store->commit({&one, 1}));
}

}  // namespace

TEST_CASE("read models that were derived from the log are found so") {
  World world;
  fill(world, 300);
  world.view();
  const auto report = check(world);
  REQUIRE(report);
  CHECK(report->found == 0);
  CHECK(report->differences.empty());
  CHECK(report->rows > 500);
  CHECK(report->ledger_records == 300);
  CHECK(report->activity_records == 300);
}

TEST_CASE("a changed balance in a read model is found [D9]") {
  World world;
  fill(world, 300);
  const auto before = world.models.wallets.balance(
      world.view(), {BookKind::wallet, account("fan 0")}, *Currency::parse("USD"));
  tamper(world, "wallets", [&](Txn& txn) {
    auto value = std::string(*txn.get(balance_key()));
    value.back() = static_cast<char>(value.back() ^ 1);
    txn.put(balance_key(), value);
  });
  REQUIRE(world.models.wallets.balance(world.store->view(), {BookKind::wallet, account("fan 0")},
                                       *Currency::parse("USD")) == (before ^ 1));
  const auto report = check(world);
  REQUIRE(report);
  REQUIRE(report->found == 1);
  CHECK(report->differences[0].projection == "wallets");
  CHECK(report->differences[0].key == to_hex(balance_key()));
  CHECK(report->differences[0].what.starts_with("row differs"));
}

TEST_CASE("rows that are missing or invented are found, and the list is bounded") {
  World world;
  fill(world, 100);
  world.view();
  tamper(world, "wallets", [&](Txn& txn) { txn.erase(balance_key()); });
  tamper(world, "feed", [&](Txn& txn) {
    for (int i = 0; i < 5; ++i) txn.put("h" + u64_key(static_cast<std::uint64_t>(i)), "invented");
  });
  const auto report = check(world, 3);
  REQUIRE(report);
  CHECK(report->found == 6);
  REQUIRE(report->differences.size() == 3);
  CHECK(report->differences[0].what == "row missing");
  CHECK(report->differences[1].projection == "feed");
  CHECK(report->differences[1].what == "row not derived from the log");
}

TEST_CASE("read models behind the log's end are compared where they stand") {
  World world;
  fill(world, 100);
  world.view();
  world.runner.reset();
  fill(world, 50);
  const auto behind = check(world);
  REQUIRE(behind);
  CHECK(behind->found == 0);
  CHECK(behind->ledger_records == 100);
}

TEST_CASE("a position or a state of the chain that was changed is found") {
  World world;
  fill(world, 50);
  world.view();
  tamper(world, "accounts", [&](Txn& txn) {
    auto value = std::string(*txn.get(kPositionKey));
    value[5 + 8 + 4 + 7] = static_cast<char>(value[5 + 8 + 4 + 7] ^ 1);  // the chain's state
    txn.put_position(value);
  });
  const auto report = check(world);
  REQUIRE(report);
  REQUIRE(report->found == 1);
  CHECK(report->differences[0].projection == "accounts");
  CHECK(report->differences[0].what == "position or state of the chain differs");
}

TEST_CASE("read models beyond the log's end are found, and the others are compared") {
  World world;
  fill(world, 50);
  world.view();
  SUBCASE("all of them") {
    world.runner.reset();
    world.log.cut(log::Stream::ledger, 0, 40);
    const auto report = check(world);
    REQUIRE(report);
    CHECK(report->found == world.models.all().size());
    CHECK(report->differences[0].key == to_hex(kPositionKey));
    CHECK(report->differences[0].what.find("below the position") != std::string::npos);
  }
  SUBCASE("one of them") {
    tamper(world, "wallets", [&](Txn& txn) {
      auto position = *decode_position(*txn.get(kPositionKey));
      position.progress.ledger += 7;
      txn.put_position(encode(position));
    });
    const auto report = check(world);
    REQUIRE(report);
    REQUIRE(report->found == 1);
    CHECK(report->differences[0].projection == "wallets");
    CHECK(report->rows > 100);
  }
}

TEST_CASE("a used scratch is an error") {
  World world;
  const auto used = verify(world.store->view(), world.models.all(), reader_of(world.log),
                           test_ledger(), world.views());
  REQUIRE_FALSE(used);
  CHECK(used.error().code == "scratch_not_empty");
}

TEST_CASE("an auditor reads what was last flushed while nobody writes") {
  World world;
  fill(world, 100);
  world.view();
  world.runner.reset();
  world.store.reset();
  StoreOptions options;
  options.read_only = true;
  auto copy = Store::open(world.views(), world.models.names(), options);
  REQUIRE(copy);
  TempDir scratch;
  const auto report = verify((*copy)->view(), world.models.all(), reader_of(world.log),
                             test_ledger(), scratch.path());
  REQUIRE(report);
  CHECK(report->found == 0);
  CHECK(report->ledger_records == 100);
}

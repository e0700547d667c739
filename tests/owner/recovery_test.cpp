#include "core/owner/recovery.hpp"

#include <doctest/doctest.h>
#include <rocksdb/db.h>

#include "core/ledger/rules.hpp"
#include "tests/owner/house.hpp"
#include "tests/support/chain_writer.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;
using namespace fl::test;

namespace {

std::unique_ptr<owner::SnapshotStore> open_in(const TempDir& folder) {
  auto store = owner::SnapshotStore::open(folder.path());
  REQUIRE(store);
  return std::move(*store);
}

/// A ledger with a snapshot of a part of it: everything up to the second owner.
struct Saved {
  House house;
  TempDir folder;
  log::Offset saved = 0;
  Saved() {
    auto snapshots = open_in(folder);
    auto owner = house.start(snapshots.get());
    house.furnish(*owner);
    owner.reset();
    saved = house.records();
  }
  void go_on() {
    auto owner = house.start();
    house.clock.pass(seconds(5));
    REQUIRE(run(*owner, draft::tip("bob", "ann", usd(700))));
    REQUIRE(run(*owner, draft::open("carol", pb::ROLE_FAN)));
  }
};

}  // namespace

TEST_CASE("[B1] a restart from nothing and from a snapshot give the same state and chain") {
  Saved ledger;
  ledger.go_on();
  auto snapshots = open_in(ledger.folder);
  const auto whole = owner::recover(ledger.house.log, nullptr);
  const auto tail = owner::recover(ledger.house.log, snapshots.get());
  REQUIRE(whole);
  REQUIRE(tail);
  CHECK(whole->replayed == ledger.house.records());
  CHECK(tail->replayed == ledger.house.records() - ledger.saved);
  CHECK(whole->replica->chain() == tail->replica->chain());
  CHECK(whole->last_record == tail->last_record);
  CHECK(ledger::state_digest(whole->replica->state()) ==
        ledger::state_digest(tail->replica->state()));
}

TEST_CASE("[B1] snapshots taken along the way, one on top of the other, stay true to the log") {
  House house;
  const TempDir folder;
  house.options.snapshot_every_events = 2;
  for (int round = 0; round < 3; ++round) {
    auto snapshots = open_in(folder);
    auto owner = house.start(snapshots.get());
    if (round == 0) house.furnish(*owner);
    for (int i = 0; i < 5; ++i) {
      house.clock.pass(seconds(1));
      const auto name = "fan" + std::to_string(round * 10 + i);
      REQUIRE(run(*owner, draft::open(name, pb::ROLE_FAN)));
    }
    if (round == 1) REQUIRE(run(*owner, draft::buy("bob", "clip", usd(500))));
    owner.reset();
    const auto recovered = owner::recover(house.log, snapshots.get());
    REQUIRE(recovered);
    CHECK(recovered->replayed == 0);
    CHECK(ledger::state_digest(recovered->replica->state()) == house.digest());
  }
}

TEST_CASE("[B1] what a start had to replay counts towards the next snapshot, taken while it runs") {
  House house;
  {
    auto owner = house.start();
    house.furnish(*owner);
  }
  const TempDir folder;
  house.options.snapshot_every_events = 5;
  {
    auto snapshots = open_in(folder);
    auto owner = house.start(snapshots.get());
    REQUIRE(run(*owner, draft::open("carol", pb::ROLE_FAN)));
    house.log.fail_after(0);  // an owner that failed saves nothing when it ends
    CHECK_FALSE(run(*owner, draft::open("dave", pb::ROLE_FAN)));
  }
  house.log.mend();
  auto snapshots = open_in(folder);
  const auto recovered = owner::recover(house.log, snapshots.get());
  REQUIRE(recovered);
  CHECK(recovered->replayed == 0);
  CHECK(ledger::state_digest(recovered->replica->state()) == house.digest());
}

TEST_CASE("each start writes a fence of the next epoch, and the chain stays valid") {
  House house;
  for (std::uint64_t epoch = 1; epoch <= 4; ++epoch) {
    auto owner = house.start();
    const auto fence = house.record(house.records() - 1).fence();
    CHECK(fence.epoch() == epoch);
    REQUIRE(run(*owner, draft::open("fan" + std::to_string(epoch), pb::ROLE_FAN)));
  }
  const auto replica = house.replica();  // no record of it is void
  CHECK(replica.chain().epoch == 4);
  CHECK(replica.chain().fence_count == 4);
  CHECK(replica.state().accounts.size() == 4);
}

TEST_CASE("an owner goes on behind void records: they count, and do nothing") {
  House house;
  { auto owner = house.start(); }
  const log::NewRecord garbage{"", "garbage"};
  REQUIRE(house.log.append(log::Stream::ledger, 0, {&garbage, 1}));
  auto owner = house.start();
  REQUIRE(run(*owner, draft::open("bob", pb::ROLE_FAN)));
  owner.reset();
  const auto recovered = owner::recover(house.log, nullptr);
  REQUIRE(recovered);
  CHECK(recovered->replica->chain().void_count == 1);
  CHECK(recovered->replica->state().accounts.size() == 1);
}

TEST_CASE("a log that ends below its snapshot keeps the owner from starting") {
  Saved ledger;
  ledger.house.log.cut(log::Stream::ledger, 0, ledger.saved - 1);
  auto snapshots = open_in(ledger.folder);
  const auto owner = ledger.house.try_start(snapshots.get());
  REQUIRE_FALSE(owner);
  CHECK(owner.error().code == "log_changed");
  CHECK(ledger.house.records() == ledger.saved - 1);  // and nothing was written
}

TEST_CASE("a log whose last folded record reads differently keeps the owner from starting") {
  Saved ledger;
  ledger.go_on();
  ledger.house.log.replace(log::Stream::ledger, 0, ledger.saved - 1, "something else");
  auto snapshots = open_in(ledger.folder);
  CHECK(ledger.house.try_start(snapshots.get()).error().code == "log_changed");
}

TEST_CASE("a snapshot of another version is not used, and one that was damaged is not believed") {
  struct Row {
    const char* what;
    std::function<void(rocksdb::DB&)> spoil;
    const char* code;  ///< empty: the log is replayed
  };
  const auto put = [](rocksdb::DB& db, const std::string& key, const std::string& value) {
    REQUIRE(db.Put(rocksdb::WriteOptions(), key, value).ok());
  };
  const std::string position(1, '\0');
  const auto position_in = [&](rocksdb::DB& db) {
    std::string value;
    REQUIRE(db.Get(rocksdb::ReadOptions(), position, &value).ok());
    return value;
  };
  const Row rows[] = {
      {"another version",
       [&](rocksdb::DB& db) { put(db, position, "\2" + position_in(db).substr(1)); }, ""},
      {"a position cut short",
       [&](rocksdb::DB& db) { put(db, position, position_in(db).substr(0, 40)); },
       "snapshot_unusable"},
      {"a row of no table", [&](rocksdb::DB& db) { put(db, "\xfe row", "x"); },
       "snapshot_unusable"},
      {"no position",
       [&](rocksdb::DB& db) { REQUIRE(db.Delete(rocksdb::WriteOptions(), position).ok()); }, ""}};
  for (const auto& row : rows) {
    CAPTURE(row.what);
    Saved ledger;
    ledger.go_on();
    {
      rocksdb::DB* raw = nullptr;
      REQUIRE(rocksdb::DB::Open({}, ledger.folder.path().string(), &raw).ok());
      const std::unique_ptr<rocksdb::DB> db(raw);
      row.spoil(*db);
    }
    auto snapshots = open_in(ledger.folder);
    const auto recovered = owner::recover(ledger.house.log, snapshots.get());
    if (row.code[0] != '\0') {
      REQUIRE_FALSE(recovered);
      CHECK(recovered.error().code == row.code);
      continue;
    }
    REQUIRE(recovered);
    CHECK(recovered->replayed == ledger.house.records());
    CHECK(ledger::state_digest(recovered->replica->state()) == ledger.house.digest());
  }
}

TEST_CASE("a repeated command whose record reads differently by now is answered with the damage") {
  House house;
  auto owner = house.start();
  const auto command = draft::open("bob", pb::ROLE_FAN);
  const auto first = run(*owner, command);
  REQUIRE(first);
  const auto fence = events::encode(house.record(first->place.offset - 1));
  REQUIRE(house.record(first->place.offset - 1).has_fence());
  for (const auto& other : {fence, std::string("garbage \xff")}) {
    house.log.replace(log::Stream::ledger, 0, first->place.offset, other);
    const auto again = run(*owner, command);
    REQUIRE_FALSE(again);
    CHECK(again.error().kind == ErrorClass::unavailable);
    CHECK(again.error().code == "log_damaged");
  }
}

TEST_CASE("a record of the tail that was altered is void, and takes what rests on it along") {
  Saved ledger;
  ledger.go_on();
  const auto whole = owner::recover(ledger.house.log, nullptr)->replica->chain();
  auto record = ledger.house.record(ledger.saved + 1);
  REQUIRE(record.has_batch());
  record.mutable_batch()->set_nonce(77);
  ledger.house.log.replace(log::Stream::ledger, 0, ledger.saved + 1, events::encode(record));
  const auto altered = owner::recover(ledger.house.log, nullptr);
  REQUIRE(altered);
  CHECK(altered->replica->chain().head != whole.head);
  CHECK(altered->replica->chain().void_count == 1);
}

TEST_CASE(
    "[D3] a batch that overdraws, written by a rogue owner, keeps the next one from starting") {
  House house;
  {
    auto owner = house.start();
    house.furnish(*owner);
  }
  auto replica = house.replica();
  auto tip = draft::tip("bob", "ann", usd(2'001));
  ledger::complete(replica.state(), tip, house.clock.now());
  ChainWriter rogue;
  rogue.chain = replica.chain();
  const log::NewRecord stored{
      "", events::encode(rogue.batch({events::encode(tip)}, house.clock.now()))};
  REQUIRE(house.log.append(log::Stream::ledger, 0, {&stored, 1}));
  const auto owner = house.try_start();
  REQUIRE_FALSE(owner);
  CHECK(owner.error().code == "event_not_allowed");
  CHECK(owner.error().message.find("insufficient_funds") != std::string::npos);
}

TEST_CASE("where there is no ledger there is no owner") {
  FaultyLog log;
  const HandClock clock;
  owner::OwnerOptions options;
  options.incarnation = "an incarnation 1";
  const auto owner = owner::Owner::start(log, nullptr, clock, options);
  REQUIRE_FALSE(owner);
  CHECK(owner.error().code == "ledger_empty");
}

TEST_CASE("a snapshot that is cleared is rebuilt from the log") {
  Saved ledger;
  auto snapshots = open_in(ledger.folder);
  REQUIRE(snapshots->clear());
  const auto recovered = owner::recover(ledger.house.log, snapshots.get());
  REQUIRE(recovered);
  CHECK(recovered->replayed == ledger.house.records());
  CHECK(ledger::state_digest(recovered->replica->state()) == ledger.house.digest());
}

TEST_CASE("progress is told while records are folded, up to the end") {
  Saved ledger;
  std::uint64_t last = 0;
  REQUIRE(owner::recover(ledger.house.log, nullptr, [&](std::uint64_t folded, std::uint64_t end) {
    CHECK(folded > last);
    CHECK(end == ledger.house.records());
    last = folded;
  }));
  CHECK(last == ledger.house.records());
}

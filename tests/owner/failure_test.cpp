#include <doctest/doctest.h>

#include <utility>

#include "core/owner/snapshot_store.hpp"
#include "tests/owner/house.hpp"
#include "tests/support/file_size_limit.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;
using namespace fl::test;

TEST_CASE("a failed append leaves the outcome of all in flight unknown, and ends the owner") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);
  std::atomic<int> calls = 0;
  std::promise<Error> told;
  owner->on_failure([&](const Error& error) {
    if (calls++ == 0) told.set_value(error);
  });
  Gate gate;
  gate.attach(house.log);
  gate.shut();
  auto first = submit(*owner, draft::tip("bob", "ann", usd(500)));
  gate.await_waiting();
  house.log.fail_after(0);
  std::vector<Pending> queued;
  for (int i = 0; i < 5; ++i) queued.push_back(submit(*owner, draft::tip("bob", "ann", usd(500))));
  const auto before = house.records();
  gate.open();

  const auto unknown = [](Pending pending) {
    const auto outcome = result_of(std::move(pending));
    REQUIRE_FALSE(outcome);
    CHECK(outcome.error().kind == ErrorClass::retry);
    CHECK(outcome.error().code == "outcome_unknown");
  };
  unknown(std::move(first));
  for (auto& pending : queued) unknown(std::move(pending));
  CHECK(told.get_future().get().code == log::kLogFailed);
  CHECK(owner->health().error().code == log::kLogFailed);
  for (int i = 0; i < 3; ++i) {
    const auto later = run(*owner, draft::tip("bob", "ann", usd(500)));
    CHECK(later.error().kind == ErrorClass::unavailable);
  }
  house.log.mend();
  CHECK(run(*owner, draft::tip("bob", "ann", usd(500))).error().code == "owner_unavailable");
  owner.reset();
  CHECK(house.records() == before);
  CHECK(calls == 1);
}

TEST_CASE("a refusal that rests on a batch that failed is not given: it is unknown too") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);
  Gate gate;
  gate.attach(house.log);
  gate.shut();
  auto blocker = submit(*owner, draft::open("blocker", pb::ROLE_FAN));
  gate.await_waiting();
  auto bought = submit(*owner, draft::buy("bob", "clip", usd(500)));
  auto refused = submit(*owner, draft::buy("bob", "clip", usd(500)));
  house.log.fail_after(1);
  gate.open();
  CHECK(result_of(std::move(blocker)));
  CHECK(result_of(std::move(bought)).error().code == "outcome_unknown");
  CHECK(result_of(std::move(refused)).error().code == "outcome_unknown");
}

TEST_CASE("[D5] after a failed append and a restart the same command is carried out, once") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);
  house.log.fail_after(0);
  const auto command = draft::tip("bob", "ann", usd(500));
  CHECK(run(*owner, command).error().code == "outcome_unknown");
  owner.reset();
  house.log.mend();
  owner = house.start();
  const auto first = run(*owner, command);
  REQUIRE(first);
  CHECK_FALSE(first->repeated);
  CHECK(run(*owner, command)->repeated);
  const auto bob = ledger::wallet_of(account("bob"), usd(0).currency);
  CHECK(house.replica().state().balance(bob) == 1'500);
}

TEST_CASE("what was decided but not written is not in the snapshot") {
  House house;
  const TempDir folder;
  {
    auto snapshots = owner::SnapshotStore::open(folder.path());
    REQUIRE(snapshots);
    auto owner = house.start(snapshots->get());
    house.furnish(*owner);
    house.log.fail_after(0);
    CHECK_FALSE(run(*owner, draft::tip("bob", "ann", usd(500))));
  }
  house.log.mend();
  auto snapshots = owner::SnapshotStore::open(folder.path());
  const auto recovered = owner::recover(house.log, snapshots->get());
  REQUIRE(recovered);
  CHECK(ledger::state_digest(recovered->replica->state()) == house.digest());
}

TEST_CASE("an owner whose snapshot cannot be written ends, and the snapshot before it stands") {
  House house;
  const TempDir folder;
  {
    auto snapshots = owner::SnapshotStore::open(folder.path());
    REQUIRE(snapshots);
    auto owner = house.start(snapshots->get());
    house.furnish(*owner);
  }
  const auto before = house.records();
  {
    auto snapshots = owner::SnapshotStore::open(folder.path());
    REQUIRE(snapshots);
    house.options.snapshot_every_events = 1;
    auto owner = house.start(snapshots->get());
    std::promise<Error> told;
    owner->on_failure([&](const Error& error) { told.set_value(error); });
    const test::FileSizeLimit limit(100);
    CHECK(run(*owner, draft::tip("bob", "ann", usd(500))));  // it is in the log
    const auto why = told.get_future().get();
    CHECK(why.code == "snapshot_failed");
    CHECK(why.message.find(folder.path().string()) != std::string::npos);
    CHECK(owner->health().error().code == "snapshot_failed");
    CHECK(run(*owner, draft::tip("bob", "ann", usd(500))).error().code == "owner_unavailable");
  }
  CHECK(house.records() == before + 2);  // a fence and the tip
  auto snapshots = owner::SnapshotStore::open(folder.path());
  REQUIRE(snapshots);
  const auto recovered = owner::recover(house.log, snapshots->get());
  REQUIRE(recovered);
  CHECK(recovered->replayed == 2);
  CHECK(ledger::state_digest(recovered->replica->state()) == house.digest());
}

TEST_CASE("an owner that cannot write its fence does not start") {
  House house;
  house.log.fail_after(0);
  const auto owner = house.try_start();
  REQUIRE_FALSE(owner);
  CHECK(owner.error().code == log::kLogFailed);
}

TEST_CASE("an owner whose name readers could not read does not start, and writes no fence") {
  House house;
  const auto before = house.records();
  for (auto* field : {&house.options.owner_id, &house.options.owner_url}) {
    const auto good = std::exchange(*field, "\xff");
    const auto owner = house.try_start();
    REQUIRE_FALSE(owner);
    CHECK(owner.error().code == "owner_malformed");
    *field = good;
  }
  CHECK(house.records() == before);
  CHECK(house.try_start());
}

TEST_CASE("an owner whose log another has written to ends, and does not acknowledge") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);
  const log::NewRecord intruder{"", "somebody else's record"};
  REQUIRE(house.log.append(log::Stream::ledger, 0, {&intruder, 1}));
  CHECK(run(*owner, draft::tip("bob", "ann", usd(500))).error().code == "outcome_unknown");
  CHECK(owner->health().error().code == "not_exclusive");
}

TEST_CASE(
    "a clock that is set while the owner runs stops decisions until a restart, and no longer") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);
  house.clock.set_wall(house.clock.now() + minutes(2));
  const auto refused = run(*owner, draft::tip("bob", "ann", usd(500)));
  CHECK(refused.error().kind == ErrorClass::unavailable);
  CHECK(refused.error().code == "clock_jumped");
  CHECK(owner->health());
  owner.reset();
  owner = house.start();
  CHECK(run(*owner, draft::tip("bob", "ann", usd(500))));
}

TEST_CASE("a clock that is behind the ledger keeps the owner from starting") {
  House house;
  {
    auto owner = house.start();
    house.clock.pass(minutes(5));
    house.furnish(*owner);
  }
  house.clock.set_wall(kGenesisTime);
  CHECK(house.try_start().error().code == "clock_behind");
}

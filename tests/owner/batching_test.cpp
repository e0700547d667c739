#include <doctest/doctest.h>

#include "tests/owner/house.hpp"

using namespace fl;
using namespace fl::test;

TEST_CASE("what is queued while an append is under way is the next batch, and one batch") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);
  Gate gate;
  gate.attach(house.log);
  gate.shut();
  const auto before = house.records();
  auto first = submit(*owner, draft::open("first", pb::ROLE_FAN));
  gate.await_waiting();
  std::vector<Pending> queued;
  for (int i = 0; i < 50; ++i) {
    queued.push_back(submit(*owner, draft::open("fan" + std::to_string(i), pb::ROLE_FAN)));
  }
  gate.open();
  CHECK(result_of(std::move(first))->place.offset == before);
  for (std::size_t i = 0; i < queued.size(); ++i) {
    const auto outcome = result_of(std::move(queued[i]));
    REQUIRE(outcome);
    CHECK(outcome->place.offset == before + 1);
    CHECK(outcome->place.index == i);
  }
  CHECK(house.records() == before + 2);
  CHECK(house.record(before + 1).batch().events_size() == 50);
  house.replica();
}

TEST_CASE("nothing is answered before it is durable: no success, no refusal, no repetition") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);
  Gate gate;
  gate.attach(house.log);
  gate.shut();
  auto blocker = submit(*owner, draft::open("blocker", pb::ROLE_FAN));
  gate.await_waiting();
  const auto buy = draft::buy("bob", "clip", usd(500));
  auto success = submit(*owner, buy);
  auto repetition = submit(*owner, buy);
  auto refusal = submit(*owner, draft::buy("bob", "clip", usd(500)));  // rests on the first
  CHECK_FALSE(answered(blocker));
  CHECK_FALSE(answered(success));
  CHECK_FALSE(answered(repetition));
  CHECK_FALSE(answered(refusal));
  const auto durable = house.records();
  gate.open();
  const auto bought = result_of(std::move(success));
  REQUIRE(bought);
  CHECK(bought->place.offset == durable + 1);
  CHECK(house.records() > bought->place.offset);
  CHECK(result_of(std::move(refusal)).error().code == "already_purchased");
  const auto again = result_of(std::move(repetition));
  REQUIRE(again);
  CHECK(again->repeated);
}

TEST_CASE(
    "[D5] a command twice in one batch, in the next batch and after a restart is one event at "
    "one place and one time") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);
  house.clock.pass(seconds(10));
  Gate gate;
  gate.attach(house.log);
  gate.shut();
  auto blocker = submit(*owner, draft::open("blocker", pb::ROLE_FAN));
  gate.await_waiting();
  house.clock.pass(seconds(10));
  const auto command = draft::tip("bob", "ann", usd(500));
  auto one = submit(*owner, command);
  auto two = submit(*owner, command);
  gate.open();
  const auto first = result_of(std::move(one));
  REQUIRE(first);
  CHECK_FALSE(first->repeated);

  const auto same = [&](const owner::Outcome& outcome) {
    REQUIRE(outcome);
    CHECK(outcome->repeated);
    CHECK(events::encode(outcome->event) == events::encode(first->event));
    CHECK(outcome->place.seq == first->place.seq);
    CHECK(outcome->place.offset == first->place.offset);
    CHECK(outcome->place.index == first->place.index);
    CHECK(outcome->place.time == first->place.time);
  };
  same(result_of(std::move(two)));
  same(run(*owner, command));
  owner.reset();
  owner = house.start();
  same(run(*owner, command));
  const auto bob = ledger::wallet_of(account("bob"), usd(0).currency);
  CHECK(house.replica().state().balance(bob) == 1'500);

  auto other = command;
  other.mutable_tipped()->mutable_amount()->set_amount(600);
  stamp(other, command.origin().command_id());
  CHECK(run(*owner, other).error().code == "idempotency_key_reused");
}

TEST_CASE("a refusal writes nothing") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);
  const auto before = house.records();
  const auto outcome = run(*owner, draft::tip("bob", "ann", usd(5'000)));
  REQUIRE_FALSE(outcome);
  CHECK(outcome.error().code == "insufficient_funds");
  CHECK(house.records() == before);
}

TEST_CASE(
    "[D3] of payments in one batch that the wallet cannot all hold, those that fit are taken") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);
  Gate gate;
  gate.attach(house.log);
  gate.shut();
  auto blocker = submit(*owner, draft::open("blocker", pb::ROLE_FAN));
  gate.await_waiting();
  std::vector<Pending> tips;
  for (int i = 0; i < 6; ++i) tips.push_back(submit(*owner, draft::tip("bob", "ann", usd(500))));
  gate.open();
  for (std::size_t i = 0; i < tips.size(); ++i) {
    CHECK(result_of(std::move(tips[i])).has_value() == (i < 4));
  }
}

TEST_CASE("a full queue refuses at once, and what was queued is not lost") {
  House house;
  house.options.max_queue = 3;
  auto owner = house.start();
  Gate gate;
  gate.attach(house.log);
  gate.shut();
  auto blocker = submit(*owner, draft::open("blocker", pb::ROLE_FAN));
  gate.await_waiting();
  std::vector<Pending> queued;
  for (int i = 0; i < 3; ++i) {
    queued.push_back(submit(*owner, draft::open("fan" + std::to_string(i), pb::ROLE_FAN)));
  }
  auto excess = submit(*owner, draft::open("excess", pb::ROLE_FAN));
  REQUIRE(answered(excess));
  const auto refused = excess.get();
  CHECK(refused.error().kind == ErrorClass::unavailable);
  CHECK(refused.error().code == "owner_unavailable");
  gate.open();
  for (auto& pending : queued) CHECK(result_of(std::move(pending)));
  CHECK_FALSE(house.replica().state().accounts.contains(account("excess")));
}

TEST_CASE("a batch is cut by the number of its events and by their bytes") {
  House house;
  house.options.max_batch_events = 4;
  auto owner = house.start();
  const auto cut = [&](std::size_t batches) {
    Gate gate;
    gate.attach(house.log);
    gate.shut();
    static int round = 0;
    const auto name = "fan" + std::to_string(round++) + "x";
    auto blocker = submit(*owner, draft::open(name, pb::ROLE_FAN));
    gate.await_waiting();
    const auto before = house.records();
    std::vector<Pending> queued;
    for (int i = 0; i < 10; ++i) {
      queued.push_back(submit(*owner, draft::open(name + std::to_string(i), pb::ROLE_FAN)));
    }
    gate.open();
    for (auto& pending : queued) CHECK(result_of(std::move(pending)));
    CHECK(house.records() == before + 1 + batches);
    house.log.on_append({});
  };
  cut(3);  // 4, 4, 2
  owner.reset();
  house.options.max_batch_events = 100;
  house.options.max_batch_bytes = 1;
  owner = house.start();
  cut(10);
  house.replica();
}

TEST_CASE("a command that waited beyond its deadline is not carried out") {
  House house;
  auto owner = house.start();
  const auto past = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  const auto late = result_of(submit(*owner, draft::open("late", pb::ROLE_FAN), past));
  CHECK(late.error().code == "deadline_passed");
  CHECK(run(*owner, draft::open("early", pb::ROLE_FAN)));
  CHECK_FALSE(house.replica().state().accounts.contains(account("late")));
}

TEST_CASE("what is queued when the owner stops is decided, and then nothing more is taken") {
  House house;
  auto owner = house.start();
  Gate gate;
  gate.attach(house.log);
  gate.shut();
  auto blocker = submit(*owner, draft::open("blocker", pb::ROLE_FAN));
  gate.await_waiting();
  auto queued = submit(*owner, draft::open("queued", pb::ROLE_FAN));
  std::thread stopping([&] { owner->stop(); });
  gate.open();
  stopping.join();
  CHECK(result_of(std::move(queued)));
  CHECK(run(*owner, draft::open("after", pb::ROLE_FAN)).error().code == "owner_unavailable");
}

TEST_CASE("the head that staff sign over moves with the ledger") {
  House house;
  auto owner = house.start();
  const auto before = owner->head();
  CHECK(before.ledger_id == test_genesis().ledger_id());
  CHECK(before.next_offset == 2);
  house.clock.pass(seconds(2));
  REQUIRE(run(*owner, draft::open("ann", pb::ROLE_CREATOR)));
  const auto after = owner->head();
  CHECK(after.next_offset == 3);
  CHECK(after.next_event_seq == 1);
  CHECK(after.anchor.event_seq == 1);
  CHECK(after.anchor.head == after.head);
  CHECK(after.time == house.clock.now());
  CHECK(after.head == house.replica().chain().head);
}

#include "core/ledger/replica.hpp"

#include <doctest/doctest.h>

#include "core/ledger/rules.hpp"
#include "tests/ledger/refusal.hpp"
#include "tests/support/chain_writer.hpp"

using namespace fl;
using namespace fl::test;
using events::Verdict;

namespace {

/// A ledger of a few events as records, and the world that they came from.
struct Written {
  World world;
  ChainWriter writer;
  std::vector<std::string> records;
};

/// What the event would be, were it decided now.
pb::LedgerEvent completed(const World& world, pb::LedgerEvent draft) {
  ledger::complete(world.state, draft, world.now);
  return draft;
}

Written shop() {
  Written out;
  out.world.creator("ann").fan("bob").published("clip", "ann", usd(999));
  out.world.funded("bob", usd(2'000));
  out.records.push_back(out.writer.write(ChainWriter::genesis(test_genesis())));
  out.records.push_back(out.writer.write(out.writer.fence()));
  return out;
}

/// The world's events signed over its own anchors would be unknown to a replica: the replica is
/// given the first anchor's head that the world has.
ledger::Replica replica_of(const Written& written) {
  ledger::Replica replica;
  for (const auto& record : written.records) {
    REQUIRE(replica.feed(replica.chain().next_offset, record));
  }
  replica.state().anchors = written.world.state.anchors;
  return replica;
}

Result<ledger::Fed> feed(ledger::Replica& replica, const pb::LedgerRecord& record) {
  return replica.feed(replica.chain().next_offset, events::encode(record));
}

/// After what the shop was given: a batch of these events, as an owner without scruples writes it.
Result<ledger::Fed> after_shop(const std::function<std::vector<std::string>(World&)>& batch) {
  auto shop_ = shop();
  auto replica = replica_of(shop_);
  std::vector<std::string> given;
  for (const auto& event : shop_.world.events) given.push_back(events::encode(event));
  const auto record = shop_.writer.batch(given, shop_.world.now);
  REQUIRE(feed(replica, record));
  shop_.writer.write(record);
  return feed(replica, shop_.writer.batch(batch(shop_.world), shop_.world.now));
}

}  // namespace

TEST_CASE("a replica folds the events that were decided to the state that they were decided on") {
  auto shop_ = shop();
  auto replica = replica_of(shop_);
  std::vector<std::string> given;
  for (const auto& event : shop_.world.events) given.push_back(events::encode(event));
  std::vector<std::uint64_t> seen;
  const auto stored = events::encode(shop_.writer.batch(given, shop_.world.now));
  const auto fed =
      replica.feed(2, stored, [&](const pb::LedgerEvent& event, const ledger::EventPlace& place) {
        CHECK(events::encode(event) == given[place.index]);
        CHECK(place.seq == replica.state().next_event_seq);  // not applied yet
        CHECK(place.offset == 2);
        CHECK(place.time == shop_.world.now);
        seen.push_back(place.seq);
      });
  REQUIRE(fed);
  CHECK(fed->verdict == Verdict::batch);
  CHECK(seen.size() == given.size());
  CHECK(replica.state().balance(ledger::wallet_of(account("bob"), usd(0).currency)) == 2'000);
  CHECK(replica.state().next_event_seq == given.size());
  CHECK(replica.state().commands.size() == given.size());
}

TEST_CASE("void records and fences leave the state as it was") {
  auto shop_ = shop();
  auto replica = replica_of(shop_);
  const auto digest = ledger::state_digest(replica.state());
  auto stale = shop_.writer.batch({"not even an event"}, shop_.world.now);
  stale.mutable_batch()->set_epoch(0);
  CHECK(feed(replica, stale)->verdict == Verdict::void_record);
  CHECK(feed(replica, ChainWriter::genesis(test_genesis()))->verdict == Verdict::void_record);
  CHECK(replica.feed(4, "garbage \xff")->verdict == Verdict::void_record);
  auto fence = shop_.writer.fence();
  CHECK(feed(replica, fence)->verdict == Verdict::fence);
  CHECK(ledger::state_digest(replica.state()) == digest);
  CHECK(replica.chain().void_count == 3);
}

TEST_CASE("[B1] a replica halts at what an honest owner would not have written") {
  const auto buy = [](World& w) { return completed(w, draft::buy("bob", "clip", usd(999))); };
  struct Row {
    std::string name;
    std::string code;
    std::function<std::vector<std::string>(World&)> batch;
  };
  const Row rows[] = {
      {"bytes that are no event", "event_unreadable",
       [](World&) { return std::vector<std::string>{"\xff"}; }},
      {"an event of nothing", "event_not_allowed",
       [](World&) { return std::vector<std::string>{""}; }},
      {"an event with a field that this program does not know", "event_unreadable",
       [&](World& w) {
         auto event = buy(w);
         event.GetReflection()->MutableUnknownFields(&event)->AddVarint(99, 1);
         return std::vector<std::string>{event.SerializeAsString()};
       }},
      {"an event of a kind to come", "event_unreadable",
       [&](World& w) {
         auto event = buy(w);
         event.clear_purchased();
         event.GetReflection()->MutableUnknownFields(&event)->AddLengthDelimited(23, "");
         return std::vector<std::string>{event.SerializeAsString()};
       }},
      {"[D5] a command of long ago", "command_twice",
       [](World& w) { return std::vector<std::string>{events::encode(w.events.back())}; }},
      {"[D5] a command twice in one batch", "command_twice",
       [&](World& w) {
         const auto event = events::encode(buy(w));
         return std::vector<std::string>{event, event};
       }},
      {"[D5] an id that stands for another command", "command_twice",
       [&](World& w) {
         const auto first = buy(w);
         auto second = draft::tip("bob", "ann", usd(500));
         second.mutable_origin()->set_command_id(first.origin().command_id());
         return std::vector<std::string>{events::encode(first),
                                         events::encode(completed(w, second))};
       }},
      {"[D3] an overdraft", "event_not_allowed",
       [](World& w) {
         const auto tip = completed(w, draft::tip("bob", "ann", usd(2'001)));
         return std::vector<std::string>{events::encode(tip)};
       }},
      {"[D3] two payments of which the wallet holds one", "event_not_allowed",
       [&](World& w) {
         const auto tip = completed(w, draft::tip("bob", "ann", usd(1'500)));
         return std::vector<std::string>{events::encode(buy(w)), events::encode(tip)};
       }},
      {"[D9] a fee that was forgotten", "event_not_allowed",
       [&](World& w) {
         auto event = buy(w);
         event.mutable_purchased()->set_fee(0);
         return std::vector<std::string>{events::encode(event)};
       }},
      {"[D2] a wallet spent by another", "event_not_allowed",
       [&](World& w) {
         auto event = buy(w);
         event.mutable_origin()->set_caller(account("ann").raw());
         return std::vector<std::string>{events::encode(event)};
       }},
      {"[B15] a deposit that nobody signed", "event_not_allowed",
       [](World& w) {
         auto event = completed(w, World::signed_by("stranger", w.order_deposit("bob", usd(500))));
         return std::vector<std::string>{events::encode(event)};
       }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto fed = after_shop(row.batch);
    REQUIRE_FALSE(fed);
    CHECK(fed.error().kind == ErrorClass::unavailable);
    CHECK(fed.error().code == row.code);
    CHECK(fed.error().message.find("ledger record 3") != std::string::npos);
  }
  CHECK(after_shop([&](World& w) { return std::vector<std::string>{events::encode(buy(w))}; }));
}

TEST_CASE("[B1][D9] a replica halts at what the rules allow and an invariant does not") {
  auto shop_ = shop();
  auto replica = replica_of(shop_);
  std::vector<std::string> given;
  for (const auto& event : shop_.world.events) given.push_back(events::encode(event));
  const auto record = shop_.writer.batch(given, shop_.world.now);
  REQUIRE(feed(replica, record));
  shop_.writer.write(record);
  replica.state().balances.edit(ledger::clearing_in(usd(0).currency)) =
      std::numeric_limits<Amount>::min() + 499;
  const auto deposit =
      completed(shop_.world, World::signed_by("root", shop_.world.order_deposit("bob", usd(500))));
  const auto fed = feed(replica, shop_.writer.batch({events::encode(deposit)}, shop_.world.now));
  REQUIRE_FALSE(fed);
  CHECK(fed.error().code == "accounts_stay_within_limits");
  CHECK(fed.error().message.find("ledger record 3, event ") != std::string::npos);
  CHECK(replica.state().balance(ledger::wallet_of(account("bob"), usd(0).currency)) == 2'000);
}

TEST_CASE("a subscription's end is by the time of its batch, whoever claims another") {
  auto shop_ = shop();
  auto& world = shop_.world;
  world.priced("ann", usd(500));
  auto replica = replica_of(shop_);
  std::vector<std::string> given;
  for (const auto& event : world.events) given.push_back(events::encode(event));
  const auto event = completed(world, draft::subscribe("bob", "ann", usd(500)));
  given.push_back(events::encode(event));
  const auto fed = feed(replica, shop_.writer.batch(given, world.now + seconds(1)));
  REQUIRE_FALSE(fed);
  CHECK(fed.error().code == "event_not_allowed");
  CHECK(fed.error().message.find("computed_otherwise") != std::string::npos);
}

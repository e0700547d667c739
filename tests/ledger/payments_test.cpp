#include <doctest/doctest.h>

#include "core/ledger/rules.hpp"
#include "tests/ledger/shop.hpp"

using namespace fl;
using namespace fl::test;
using ledger::PostingLine;

namespace {

const ledger::SubscriptionRow* subscription(const World& world, const char* who, const char* to) {
  return world.state.subscriptions.find(ledger::pair_key(account(who), account(to)));
}
const ledger::PurchaseRow* purchase(const World& world, const char* who, const char* what) {
  return world.state.purchases.find(ledger::pair_key(account(who), post(what)));
}

}  // namespace

TEST_CASE(
    "[P18][P10][D9] a purchase costs the price shown, half goes to the platform, the odd cent "
    "to the creator") {
  auto world = shop();
  const auto event = world.when(draft::buy("bob", "clip", usd(999)));
  REQUIRE(event);
  CHECK(event->purchased().fee() == 499);
  CHECK(event->purchased().fee_version() == 7);
  CHECK(lines_of(*event) ==
        std::vector<PostingLine>{{ledger::wallet_of(account("bob"), usd(0).currency), -999},
                                 {ledger::earnings_of(account("ann"), usd(0).currency), 500},
                                 {ledger::fees_in(usd(0).currency), 499}});
  CHECK(world.wallet("bob") == 9'001);
  CHECK(world.earnings("ann") == 500);
  CHECK(world.fees() == 499);
  REQUIRE(purchase(world, "bob", "clip") != nullptr);
  CHECK(purchase(world, "bob", "clip")->price == usd(999));
  CHECK(purchase(world, "bob", "clip")->seq == world.events.size() - 1);
}

TEST_CASE(
    "[P12][P10][D9] a subscription is charged at once, a tenth goes to the platform, and it "
    "lasts 30 days") {
  auto world = shop();
  const auto event = world.when(draft::subscribe("bob", "ann", usd(1001)));
  REQUIRE(event);
  CHECK(event->subscribed().fee() == 100);
  CHECK(event->subscribed().ends_ms() == (world.now + days(30)).ms);
  CHECK(world.wallet("bob") == 8'999);
  CHECK(world.earnings("ann") == 901);
  CHECK(world.fees() == 100);
  const auto* row = subscription(world, "bob", "ann");
  REQUIRE(row != nullptr);
  CHECK(row->active_at(world.now + days(30) + Duration{-1}));
  CHECK_FALSE(row->active_at(world.now + days(30)));
}

TEST_CASE("[P27][P10][D9] a tip is paid at once, a fifth goes to the platform") {
  auto world = shop();
  const auto event = world.when(with(draft::tip("bob", "ann", usd(504)), [](pb::LedgerEvent& e) {
    e.mutable_tipped()->set_post(post("clip").raw());
    *e.mutable_tipped()->mutable_note() = sealed_for(account("bob"), std::string(2048, 'x'));
  }));
  REQUIRE(event);
  CHECK(event->tipped().fee() == 100);
  CHECK(world.wallet("bob") == 9'496);
  CHECK(world.earnings("ann") == 404);
  CHECK(world.fees() == 100);
}

TEST_CASE("[P10] the cuts are 10, 20 and 50 percent, rounded down") {
  struct Row {
    Amount price, subscription, tip, purchase;
  };
  for (const auto& row : {Row{100, 10, 20, 50}, Row{101, 10, 20, 50}, Row{109, 10, 21, 54},
                          Row{10'000'000, 1'000'000, 2'000'000, 5'000'000}}) {
    CAPTURE(row.price);
    World world;
    world.creator("ann").fan("bob").published("clip", "ann", usd(row.price));
    world.priced("ann", usd(row.price));
    for (int i = 0; i < 3; ++i) world.funded("bob", usd(row.price));
    CHECK(world.when(draft::subscribe("bob", "ann", usd(row.price)))->subscribed().fee() ==
          row.subscription);
    CHECK(world.when(draft::tip("bob", "ann", usd(row.price)))->tipped().fee() == row.tip);
    CHECK(world.when(draft::buy("bob", "clip", usd(row.price)))->purchased().fee() == row.purchase);
    CHECK(world.wallet("bob") == 0);
    CHECK(world.fees() == row.subscription + row.tip + row.purchase);
    CHECK(world.earnings("ann") == 3 * row.price - world.fees());
  }
}

TEST_CASE("a price in bitcoin is paid, and its fee booked, in bitcoin") {
  World world;
  world.creator("ann").fan("bob").published("clip", "ann", btc(1'001)).funded("bob", btc(2'000));
  REQUIRE(world.when(draft::buy("bob", "clip", btc(1'001))));
  CHECK(world.wallet("bob", "BTC") == 999);
  CHECK(world.earnings("ann", "BTC") == 501);
  CHECK(world.fees("BTC") == 500);
  CHECK(world.fees("USD") == 0);
}

TEST_CASE("a purchase of the last cent is taken") {
  auto world = shop();
  world.funded("carol", usd(999));
  REQUIRE(world.when(draft::buy("carol", "clip", usd(999))));
  CHECK(world.wallet("carol") == 0);
}

TEST_CASE("[P12] a free follow costs nothing, moves nothing and has no end") {
  auto world = shop();
  world.priced("ann", usd(0));
  const auto event = world.when(draft::subscribe("carol", "ann", usd(0)));
  REQUIRE(event);
  CHECK(event->postings().empty());
  CHECK(event->subscribed().fee() == 0);
  CHECK(event->subscribed().ends_ms() == 0);
  const auto* row = subscription(world, "carol", "ann");
  REQUIRE(row != nullptr);
  CHECK(row->is_follow());
  CHECK(row->active_at(world.now + days(10'000)));
}

TEST_CASE("who follows may subscribe when the creator asks for a price") {
  auto world = shop();
  world.priced("ann", usd(0)).given(draft::subscribe("bob", "ann", usd(0)));
  world.priced("ann", usd(1001));
  REQUIRE(world.when(draft::subscribe("bob", "ann", usd(1001))));
  CHECK_FALSE(subscription(world, "bob", "ann")->is_follow());
  CHECK(world.wallet("bob") == 8'999);
}

TEST_CASE("[P13] after 30 days a subscription may be taken again, at the price of then") {
  auto world = shop();
  world.given(draft::subscribe("bob", "ann", usd(1001))).priced("ann", usd(2'000));
  world.later(days(30));
  REQUIRE(world.when(draft::subscribe("bob", "ann", usd(2'000))));
  CHECK(subscription(world, "bob", "ann")->ends == world.now + days(30));
  CHECK(subscription(world, "bob", "ann")->price == usd(2'000));
  CHECK(world.wallet("bob") == 10'000 - 1001 - 2'000);
}

TEST_CASE("[D6] what is bought stays bought, and nothing is charged without it") {
  auto world = shop();
  const auto before = world.wallet("bob");
  CHECK_FALSE(world.when(draft::buy("bob", "none", usd(999))));
  CHECK(world.wallet("bob") == before);
  CHECK(purchase(world, "bob", "none") == nullptr);
  world.given(draft::buy("bob", "clip", usd(999))).given(draft::remove("clip", "ann"));
  CHECK(purchase(world, "bob", "clip") != nullptr);
  CHECK(world.wallet("bob") == before - 999);
}

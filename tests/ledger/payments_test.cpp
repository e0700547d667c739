#include <doctest/doctest.h>

#include "core/ledger/rules.hpp"
#include "tests/ledger/refusal.hpp"

using namespace fl;
using namespace fl::test;
using ledger::PostingLine;

namespace {

/// Ann sells: a premium post at 9.99, a subscription at 10.01. Bob has 100.00 USD.
World shop() {
  World world;
  world.creator("ann").creator("eve").fan("bob").fan("carol");
  world.published("clip", "ann", usd(999)).published("free", "ann").priced("ann", usd(1001));
  world.funded("bob", usd(10'000));
  return world;
}

std::function<pb::LedgerEvent(World&)> buying(std::function<void(pb::Purchased&)> spoil) {
  return [spoil](World&) {
    return with(draft::buy("bob", "clip", usd(999)),
                [&](pb::LedgerEvent& e) { spoil(*e.mutable_purchased()); });
  };
}
std::function<pb::LedgerEvent(World&)> subscribing(std::function<void(pb::Subscribed&)> spoil) {
  return [spoil](World&) {
    return with(draft::subscribe("bob", "ann", usd(1001)),
                [&](pb::LedgerEvent& e) { spoil(*e.mutable_subscribed()); });
  };
}
void withdraw(World& world, std::string_view creator) {
  auto order = world.order();
  order.mutable_withdraw_verification()->set_account(account(creator).raw());
  world.given(World::signed_by("root", order));
}
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

TEST_CASE("a purchase is refused when there is nothing to buy, or no way to pay") {
  const auto E = ErrorClass::malformed;
  const auto shown = [](const Money& amount) {
    return buying([=](pb::Purchased& e) { *e.mutable_price() = price(amount); });
  };
  check_refusals(
      shop,
      {
          {"[D1] one's own post", ErrorClass::refused, "own_content", "post",
           [](World& w) {
             w.funded("ann", usd(5'000));
             return draft::buy("ann", "clip", usd(999));
           }},
          {"[D2] out of another's wallet", ErrorClass::refused, "not_the_caller", "",
           [](World&) {
             return with(draft::buy("carol", "clip", usd(999)), [](pb::LedgerEvent& e) {
               e.mutable_purchased()->set_buyer(account("bob").raw());
             });
           }},
          {"[P18] twice", ErrorClass::conflict, "already_purchased", "post",
           [](World& w) {
             w.given(draft::buy("bob", "clip", usd(999)));
             return draft::buy("bob", "clip", usd(999));
           }},
          {"[P18] a free post", ErrorClass::conflict, "not_premium", "post",
           [](World&) { return draft::buy("bob", "free", usd(999)); }},
          {"[D28] an unknown post", ErrorClass::not_found, "post_unknown", "post",
           [](World&) { return draft::buy("bob", "none", usd(999)); }},
          {"[D28] a malformed id", ErrorClass::not_found, "post_unknown", "post",
           buying([](pb::Purchased& e) { e.set_post("x"); })},
          {"a deleted post", ErrorClass::not_found, "post_unknown", "post",
           [](World& w) {
             w.given(draft::remove("clip", "ann"));
             return draft::buy("bob", "clip", usd(999));
           }},
          {"[P7] of a creator no longer verified", ErrorClass::refused, "creator_not_verified",
           "post",
           [](World& w) {
             withdraw(w, "ann");
             return draft::buy("bob", "clip", usd(999));
           }},
          {"at a price that was not shown", ErrorClass::conflict, "price_changed", "price",
           shown(usd(998))},
          {"at a higher price than is asked", ErrorClass::conflict, "price_changed", "price",
           shown(usd(1'000))},
          {"at the amount in another currency", ErrorClass::conflict, "price_changed", "price",
           shown(btc(1'999))},
          {"[D13] at a negative price", E, "amount_negative", "price.amount", shown(usd(-999))},
          {"[D13] for nothing", E, "amount_not_positive", "price.amount", shown(usd(0))},
          {"[D13] at the lowest amount", E, "amount_negative", "price.amount",
           shown(usd(std::numeric_limits<Amount>::min()))},
          {"[D13] at the greatest amount", E, "amount_too_large", "price.amount",
           shown(usd(std::numeric_limits<Amount>::max()))},
          {"[D13] in an unknown currency", E, "currency_unknown", "price.currency",
           buying([](pb::Purchased& e) { e.mutable_price()->set_currency("EUR"); })},
          {"[D13] with no price", E, "currency_unknown", "price.currency",
           buying([](pb::Purchased& e) { e.clear_price(); })},
          {"[P9] without the funds", ErrorClass::refused, "insufficient_funds", "",
           [](World& w) {
             w.funded("carol", usd(998));
             return draft::buy("carol", "clip", usd(999));
           }},
          {"[P9] with funds in another currency", ErrorClass::refused, "insufficient_funds", "",
           [](World& w) {
             w.funded("carol", btc(1'000'000));
             return draft::buy("carol", "clip", usd(999));
           }},
          {"without an entry id", E, "entry_malformed", "",
           buying([](pb::Purchased& e) { e.clear_entry(); })},
      });
}

TEST_CASE("a purchase of the last cent is taken") {
  auto world = shop();
  world.funded("carol", usd(999));
  REQUIRE(world.when(draft::buy("carol", "clip", usd(999))));
  CHECK(world.wallet("carol") == 0);
}

TEST_CASE("a subscription is refused when there is none to have, or no way to pay") {
  const auto E = ErrorClass::malformed;
  const auto shown = [](const Money& amount) {
    return subscribing([=](pb::Subscribed& e) { *e.mutable_price() = price(amount); });
  };
  check_refusals(
      shop,
      {
          {"[D1] to oneself", ErrorClass::refused, "own_content", "creator",
           [](World& w) {
             w.funded("ann", usd(5'000));
             return draft::subscribe("ann", "ann", usd(1001));
           }},
          {"[D2] out of another's wallet", ErrorClass::refused, "not_the_caller", "",
           [](World&) {
             return with(draft::subscribe("carol", "ann", usd(1001)), [](pb::LedgerEvent& e) {
               e.mutable_subscribed()->set_subscriber(account("bob").raw());
             });
           }},
          {"[D28] to nobody", ErrorClass::not_found, "account_unknown", "creator",
           [](World&) { return draft::subscribe("bob", "nobody", usd(1001)); }},
          {"[D28] to a malformed id", ErrorClass::not_found, "account_unknown", "creator",
           subscribing([](pb::Subscribed& e) { e.set_creator("x"); })},
          {"to a fan", ErrorClass::refused, "not_a_creator", "creator",
           [](World&) { return draft::subscribe("bob", "carol", usd(1001)); }},
          {"[P12] to a creator not verified", ErrorClass::refused, "creator_not_verified",
           "creator",
           [](World& w) {
             withdraw(w, "ann");
             return draft::subscribe("bob", "ann", usd(1001));
           }},
          {"to a creator without a price", ErrorClass::conflict, "no_subscription_price", "creator",
           [](World&) { return draft::subscribe("bob", "eve", usd(1001)); }},
          {"[P12] while one is active", ErrorClass::conflict, "already_subscribed", "creator",
           [](World& w) {
             w.given(draft::subscribe("bob", "ann", usd(1001)));
             w.later(Duration{days(30).ms - 1});
             return draft::subscribe("bob", "ann", usd(1001));
           }},
          {"a follow while a follow is active", ErrorClass::conflict, "already_subscribed",
           "creator",
           [](World& w) {
             w.priced("ann", usd(0)).given(draft::subscribe("bob", "ann", usd(0)));
             w.later(days(400));
             return draft::subscribe("bob", "ann", usd(0));
           }},
          {"a follow while a subscription is active", ErrorClass::conflict, "already_subscribed",
           "creator",
           [](World& w) {
             w.given(draft::subscribe("bob", "ann", usd(1001))).priced("ann", usd(0));
             return draft::subscribe("bob", "ann", usd(0));
           }},
          {"at a price that has changed", ErrorClass::conflict, "price_changed", "price",
           [](World& w) {
             w.priced("ann", usd(2'000));
             return draft::subscribe("bob", "ann", usd(1001));
           }},
          {"for nothing, of a paid one", ErrorClass::conflict, "price_changed", "price",
           shown(usd(0))},
          {"[D13] at a negative price", E, "amount_negative", "price.amount", shown(usd(-1001))},
          {"[D13] at the greatest amount", E, "amount_too_large", "price.amount",
           shown(usd(std::numeric_limits<Amount>::max()))},
          {"[D13] in an unknown currency", E, "currency_unknown", "price.currency",
           subscribing([](pb::Subscribed& e) { e.mutable_price()->set_currency("EUR"); })},
          {"[P9] without the funds", ErrorClass::refused, "insufficient_funds", "",
           [](World&) { return draft::subscribe("carol", "ann", usd(1001)); }},
          {"without an entry id", E, "entry_malformed", "",
           subscribing([](pb::Subscribed& e) { e.clear_entry(); })},
      });
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

#include <doctest/doctest.h>

#include "tests/ledger/shop.hpp"

using namespace fl;
using namespace fl::test;

namespace {

const auto kMalformed = ErrorClass::malformed;

const WayToPay kBuying = {
    [](std::string_view from, const Money& amount) { return draft::buy(from, "clip", amount); },
    usd(999),
    "post",
    "price",
    [](pb::LedgerEvent& e) -> std::string& { return *e.mutable_purchased()->mutable_buyer(); },
    [](pb::LedgerEvent& e) -> pb::Price& { return *e.mutable_purchased()->mutable_price(); },
    [](pb::LedgerEvent& e) -> std::string& { return *e.mutable_purchased()->mutable_entry(); }};

const WayToPay kSubscribing = {
    [](std::string_view from, const Money& amount) {
      return draft::subscribe(from, "ann", amount);
    },
    usd(1001),
    "creator",
    "price",
    [](pb::LedgerEvent& e) -> std::string& {
      return *e.mutable_subscribed()->mutable_subscriber();
    },
    [](pb::LedgerEvent& e) -> pb::Price& { return *e.mutable_subscribed()->mutable_price(); },
    [](pb::LedgerEvent& e) -> std::string& { return *e.mutable_subscribed()->mutable_entry(); }};

const WayToPay kTipping = {
    [](std::string_view from, const Money& amount) { return draft::tip(from, "ann", amount); },
    usd(500),
    "to",
    "amount",
    [](pb::LedgerEvent& e) -> std::string& { return *e.mutable_tipped()->mutable_from(); },
    [](pb::LedgerEvent& e) -> pb::Price& { return *e.mutable_tipped()->mutable_amount(); },
    [](pb::LedgerEvent& e) -> std::string& { return *e.mutable_tipped()->mutable_entry(); }};

}  // namespace

TEST_CASE("every way to pay is refused to oneself, without the funds, or of no right amount") {
  check_refusals(shop, common_refusals(kBuying));
  check_refusals(shop, common_refusals(kSubscribing));
  check_refusals(shop, common_refusals(kTipping));
}

TEST_CASE("a purchase is refused when there is nothing to buy") {
  const auto buy = [](const char* what) { return draft::buy("bob", what, usd(999)); };
  check_refusals(
      shop,
      {{"[P18] twice", ErrorClass::conflict, "already_purchased", "post",
        after([&](World& w) { w.given(buy("clip")); }, buy("clip"))},
       {"[P18] a free post", ErrorClass::conflict, "not_premium", "post", sending(buy("free"))},
       {"[D28] an unknown post", ErrorClass::not_found, "post_unknown", "post",
        sending(buy("none"))},
       {"[D28] a malformed id", ErrorClass::not_found, "post_unknown", "post",
        kBuying.spoilt([](pb::LedgerEvent& e) { e.mutable_purchased()->set_post("x"); })},
       {"a deleted post", ErrorClass::not_found, "post_unknown", "post",
        after([](World& w) { w.given(draft::remove("clip", "ann")); }, buy("clip"))},
       {"at a price that was not shown", ErrorClass::conflict, "price_changed", "price",
        kBuying.of(usd(998))},
       {"at a higher price than is asked", ErrorClass::conflict, "price_changed", "price",
        kBuying.of(usd(1'000))},
       {"at the amount in another currency", ErrorClass::conflict, "price_changed", "price",
        kBuying.of(btc(1'999))},
       {"[D13] for nothing", kMalformed, "amount_not_positive", "price.amount",
        kBuying.of(usd(0))}});
}

TEST_CASE("a subscription is refused when there is none to have") {
  const auto subscribe = [](const char* to, const Money& shown = usd(1001)) {
    return draft::subscribe("bob", to, shown);
  };
  check_refusals(
      shop,
      {{"[D28] to nobody", ErrorClass::not_found, "account_unknown", "creator",
        sending(subscribe("nobody"))},
       {"[D28] to a malformed id", ErrorClass::not_found, "account_unknown", "creator",
        kSubscribing.spoilt([](pb::LedgerEvent& e) { e.mutable_subscribed()->set_creator("x"); })},
       {"to a fan", ErrorClass::refused, "not_a_creator", "creator", sending(subscribe("carol"))},
       {"to a creator without a price", ErrorClass::conflict, "no_subscription_price", "creator",
        sending(subscribe("eve"))},
       {"[P12] while one is active", ErrorClass::conflict, "already_subscribed", "creator",
        after([&](World& w) { w.given(subscribe("ann")).later(Duration{days(30).ms - 1}); },
              subscribe("ann"))},
       {"a follow while a follow is active", ErrorClass::conflict, "already_subscribed", "creator",
        after(
            [&](World& w) {
              w.priced("ann", usd(0)).given(subscribe("ann", usd(0))).later(days(400));
            },
            subscribe("ann", usd(0)))},
       {"a follow while a subscription is active", ErrorClass::conflict, "already_subscribed",
        "creator",
        after([&](World& w) { w.given(subscribe("ann")).priced("ann", usd(0)); },
              subscribe("ann", usd(0)))},
       {"at a price that has changed", ErrorClass::conflict, "price_changed", "price",
        after([](World& w) { w.priced("ann", usd(2'000)); }, subscribe("ann"))},
       {"for nothing, of a paid one", ErrorClass::conflict, "price_changed", "price",
        sending(subscribe("ann", usd(0)))}});
}

TEST_CASE("a tip is refused when there is nobody to have it, or more or less of it than may be") {
  const auto tip = [](const char* to) { return draft::tip("bob", to, usd(500)); };
  const auto about = [&](const std::string& raw) {
    return with(tip("ann"), [&](pb::LedgerEvent& e) { e.mutable_tipped()->set_post(raw); });
  };
  const auto with_note = [](const char* whose, std::size_t bytes) {
    return kTipping.spoilt([=](pb::LedgerEvent& e) {
      *e.mutable_tipped()->mutable_note() = sealed_for(account(whose), std::string(bytes, 'x'));
    });
  };
  check_refusals(
      shop,
      {{"[D28] to nobody", ErrorClass::not_found, "account_unknown", "to", sending(tip("nobody"))},
       {"to a fan", ErrorClass::refused, "not_a_creator", "to", sending(tip("carol"))},
       {"[D10][D13] of nothing", kMalformed, "amount_not_positive", "amount.amount",
        kTipping.of(usd(0))},
       {"of less than the least payment", kMalformed, "amount_too_small", "amount.amount",
        kTipping.of(usd(99))},
       {"of more than the greatest", kMalformed, "amount_too_large", "amount.amount",
        kTipping.of(usd(10'000'001))},
       {"about an unknown post", ErrorClass::not_found, "post_unknown", "post",
        sending(about(post("none").raw()))},
       {"about a malformed id", ErrorClass::not_found, "post_unknown", "post", sending(about("x"))},
       {"about another's post", ErrorClass::not_found, "post_unknown", "post",
        after([](World& w) { w.published("eve's", "eve"); }, about(post("eve's").raw()))},
       {"about a deleted post", ErrorClass::not_found, "post_unknown", "post",
        after([](World& w) { w.given(draft::remove("clip", "ann")); }, about(post("clip").raw()))},
       {"with a note under another's key", kMalformed, "not_sealed", "note", with_note("ann", 2)},
       {"with a note of 2,049 bytes", kMalformed, "field_too_long", "note",
        with_note("bob", 2049)}});
}

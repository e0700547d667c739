#include <doctest/doctest.h>

#include "core/ledger/rules.hpp"
#include "tests/ledger/refusal.hpp"

using namespace fl;
using namespace fl::test;

namespace {

/// Ann sells: a premium post at 9.99, a subscription at 10.01. Bob has 100.00 USD.
World shop() {
  World world;
  world.creator("ann").creator("eve").fan("bob").fan("carol");
  world.published("clip", "ann", usd(999)).published("free", "ann").priced("ann", usd(1001));
  world.funded("bob", usd(10'000));
  return world;
}

std::function<pb::LedgerEvent(World&)> tipping(std::function<void(pb::Tipped&)> spoil) {
  return [spoil](World&) {
    return with(draft::tip("bob", "ann", usd(500)),
                [&](pb::LedgerEvent& e) { spoil(*e.mutable_tipped()); });
  };
}
void withdraw(World& world, std::string_view creator) {
  auto order = world.order();
  order.mutable_withdraw_verification()->set_account(account(creator).raw());
  world.given(World::signed_by("root", order));
}

}  // namespace

TEST_CASE("a tip is refused when there is nobody to have it, or no way to pay") {
  const auto E = ErrorClass::malformed;
  const auto of = [](const Money& amount) {
    return tipping([=](pb::Tipped& e) { *e.mutable_amount() = price(amount); });
  };
  const auto about = [](const std::string& raw) {
    return tipping([=](pb::Tipped& e) { e.set_post(raw); });
  };
  check_refusals(
      shop,
      {
          {"[D1] to oneself", ErrorClass::refused, "own_content", "to",
           [](World& w) {
             w.funded("ann", usd(5'000));
             return draft::tip("ann", "ann", usd(500));
           }},
          {"[D2] out of another's wallet", ErrorClass::refused, "not_the_caller", "",
           [](World&) {
             return with(draft::tip("carol", "ann", usd(500)), [](pb::LedgerEvent& e) {
               e.mutable_tipped()->set_from(account("bob").raw());
             });
           }},
          {"[D28] to nobody", ErrorClass::not_found, "account_unknown", "to",
           [](World&) { return draft::tip("bob", "nobody", usd(500)); }},
          {"to a fan", ErrorClass::refused, "not_a_creator", "to",
           [](World&) { return draft::tip("bob", "carol", usd(500)); }},
          {"[P7] to a creator not verified", ErrorClass::refused, "creator_not_verified", "to",
           [](World& w) {
             withdraw(w, "ann");
             return draft::tip("bob", "ann", usd(500));
           }},
          {"[D10][D13] of nothing", E, "amount_not_positive", "amount.amount", of(usd(0))},
          {"[D13] of less than nothing", E, "amount_negative", "amount.amount", of(usd(-500))},
          {"of less than the least payment", E, "amount_too_small", "amount.amount", of(usd(99))},
          {"of more than the greatest", E, "amount_too_large", "amount.amount",
           of(usd(10'000'001))},
          {"[D13] of the greatest amount", E, "amount_too_large", "amount.amount",
           of(usd(std::numeric_limits<Amount>::max()))},
          {"[D13] in an unknown currency", E, "currency_unknown", "amount.currency",
           tipping([](pb::Tipped& e) { e.mutable_amount()->set_currency("EUR"); })},
          {"[P9] without the funds", ErrorClass::refused, "insufficient_funds", "",
           of(usd(10'001))},
          {"about an unknown post", ErrorClass::not_found, "post_unknown", "post",
           about(post("none").raw())},
          {"about a malformed id", ErrorClass::not_found, "post_unknown", "post", about("x")},
          {"about another's post", ErrorClass::not_found, "post_unknown", "post",
           [](World& w) {
             w.published("eve's", "eve");
             return with(draft::tip("bob", "ann", usd(500)), [](pb::LedgerEvent& e) {
               e.mutable_tipped()->set_post(post("eve's").raw());
             });
           }},
          {"about a deleted post", ErrorClass::not_found, "post_unknown", "post",
           [](World& w) {
             w.given(draft::remove("clip", "ann"));
             return with(draft::tip("bob", "ann", usd(500)), [](pb::LedgerEvent& e) {
               e.mutable_tipped()->set_post(post("clip").raw());
             });
           }},
          {"with a note under another's key", E, "not_sealed", "note",
           tipping([](pb::Tipped& e) { *e.mutable_note() = sealed_for(account("ann"), "hi"); })},
          {"with a note of 2,049 bytes", E, "field_too_long", "note", tipping([](pb::Tipped& e) {
             *e.mutable_note() = sealed_for(account("bob"), std::string(2049, 'x'));
           })},
          {"without an entry id", E, "entry_malformed", "",
           tipping([](pb::Tipped& e) { e.set_entry("x"); })},
      });
}

#pragma once

#include <functional>
#include <vector>

#include "tests/ledger/refusal.hpp"

namespace fl::test {

/// Ann sells: a premium post at 9.99, a subscription at 10.01. Bob has 100.00 USD.
inline World shop() {
  World world;
  world.creator("ann").creator("eve").fan("bob").fan("carol");
  world.published("clip", "ann", usd(999)).published("free", "ann").priced("ann", usd(1001));
  world.funded("bob", usd(10'000));
  return world;
}

inline void withdraw_verification(World& world, std::string_view creator) {
  auto order = world.order();
  order.mutable_withdraw_verification()->set_account(account(creator).raw());
  world.given(World::signed_by("root", order));
}

/// A way to pay Ann in the shop: its right draft, and where in it things stand.
struct WayToPay {
  std::function<pb::LedgerEvent(std::string_view from, const Money& amount)> draft;
  Money right;              ///< the amount to be paid
  const char* payee_field;  ///< what names Ann in it
  std::string money_field;
  std::function<std::string&(pb::LedgerEvent&)> payer;
  std::function<pb::Price&(pb::LedgerEvent&)> money;
  std::function<std::string&(pb::LedgerEvent&)> entry;

  /// Bob pays, and something is altered.
  template <class Spoil>
  Refusal::Command spoilt(Spoil spoil) const {
    return sending(draft("bob", right), spoil);
  }
  Refusal::Command of(const Money& amount) const { return sending(draft("bob", amount)); }
};

/// What every way to pay is refused for.
inline std::vector<Refusal> common_refusals(const WayToPay& way) {
  const auto E = ErrorClass::malformed;
  const auto amount = way.money_field + ".amount";
  const auto greatest = usd(std::numeric_limits<Amount>::max());
  return {
      {"[D1] to oneself", ErrorClass::refused, "own_content", way.payee_field,
       after([](World& w) { w.funded("ann", usd(5'000)); }, way.draft("ann", way.right))},
      {"[D2] out of another's wallet", ErrorClass::refused, "not_the_caller", "",
       sending(way.draft("carol", way.right),
               [&](pb::LedgerEvent& e) { way.payer(e) = account("bob").raw(); })},
      {"[P7][P12] to a creator not verified", ErrorClass::refused, "creator_not_verified",
       way.payee_field,
       after([](World& w) { withdraw_verification(w, "ann"); }, way.draft("bob", way.right))},
      {"[D13] of less than nothing", E, "amount_negative", amount, way.of(usd(-way.right.amount))},
      {"[D13] of the lowest amount", E, "amount_negative", amount,
       way.of(usd(std::numeric_limits<Amount>::min()))},
      {"[D13] of the greatest amount", E, "amount_too_large", amount, way.of(greatest)},
      {"[D13] in an unknown currency", E, "currency_unknown", way.money_field + ".currency",
       way.spoilt([&](pb::LedgerEvent& e) { way.money(e).set_currency("EUR"); })},
      {"[D13] with no price", E, "currency_unknown", way.money_field + ".currency",
       way.spoilt([&](pb::LedgerEvent& e) { way.money(e).Clear(); })},
      {"[P9] without the funds", ErrorClass::refused, "insufficient_funds", "",
       sending(way.draft("carol", way.right))},
      {"[P9] with all but a cent of the funds", ErrorClass::refused, "insufficient_funds", "",
       after([right = way.right](World& w) { w.funded("carol", usd(right.amount - 1)); },
             way.draft("carol", way.right))},
      {"[P9] with funds in another currency", ErrorClass::refused, "insufficient_funds", "",
       after([](World& w) { w.funded("carol", btc(1'000'000)); }, way.draft("carol", way.right))},
      {"without an entry id", E, "entry_malformed", "",
       way.spoilt([&](pb::LedgerEvent& e) { way.entry(e).clear(); })},
      {"with a malformed entry id", E, "entry_malformed", "",
       way.spoilt([&](pb::LedgerEvent& e) { way.entry(e) = "x"; })},
  };
}

}  // namespace fl::test

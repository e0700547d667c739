#include "core/ledger/invariants.hpp"

#include <doctest/doctest.h>

#include "core/ledger/rules.hpp"
#include "tests/ledger/refusal.hpp"

using namespace fl;
using namespace fl::test;
using ledger::PostingLine;

namespace {

const Currency kUsd = *Currency::parse("USD");
const Currency kBtc = *Currency::parse("BTC");
constexpr Amount kMost = std::numeric_limits<Amount>::max();

ledger::BalanceKey wallet(const char* name) {
  return ledger::wallet_of(account(name), kUsd);
}
ledger::BalanceKey earned(const char* name) {
  return ledger::earnings_of(account(name), kUsd);
}
const ledger::BalanceKey kFees = ledger::fees_in(kUsd);
const ledger::BalanceKey kClearing = ledger::clearing_in(kUsd);

/// Bob and Ann have 20.00 USD; Ann sells and has earned 8.00, the platform 2.00.
World shop() {
  World world;
  world.creator("ann").creator("eve").fan("bob").fan("carol");
  world.published("clip", "ann", usd(1'000)).priced("ann", usd(1'000));
  world.funded("ann", usd(2'000)).funded("bob", usd(2'000)).funded("carol", usd(2'000));
  world.given(draft::tip("carol", "ann", usd(1'000)));
  return world;
}

/// What the rules make of a command in the shop.
pb::LedgerEvent made_of(const pb::LedgerEvent& command) {
  auto event = command;
  const auto world = shop();
  ledger::complete(world.state, event, world.now);
  return event;
}
pb::LedgerEvent purchase() {
  return made_of(draft::buy("bob", "clip", usd(1'000)));
}
pb::LedgerEvent deposit() {
  return made_of(World::signed_by("root", shop().order_deposit("bob", usd(700))));
}
pb::LedgerEvent posting(pb::LedgerEvent event, const std::vector<PostingLine>& lines) {
  ledger::write_postings(lines, event);
  return event;
}
pb::LedgerEvent also_posting(pb::LedgerEvent event, const std::vector<PostingLine>& lines) {
  auto all = lines_of(event);
  all.insert(all.end(), lines.begin(), lines.end());
  return posting(std::move(event), all);
}

struct Row {
  std::string name;
  const char* invariant;
  pb::LedgerEvent event;
};

}  // namespace

TEST_CASE("what the rules decide breaks no invariant") {
  const auto world = shop();
  for (const auto& event :
       {purchase(), deposit(), made_of(draft::subscribe("bob", "ann", usd(1'000))),
        made_of(draft::tip("bob", "ann", usd(500))), made_of(draft::set_price("ann", usd(500)))}) {
    CHECK_FALSE(ledger::find_violation(world.state, event));
  }
}

TEST_CASE("[D9] an event that the rules did not make is vetoed by the invariant that it breaks") {
  const auto spoilt = [](pb::LedgerEvent event, auto spoil) {
    spoil(event);
    return event;
  };
  const Row rows[] = {
      {"a posting without a currency", "postings_readable",
       spoilt(purchase(), [](auto& e) { e.mutable_postings(0)->clear_currency(); })},
      {"a posting of nothing", "postings_readable",
       spoilt(purchase(), [](auto& e) { e.mutable_postings(0)->set_amount(0); })},
      {"a posting of a short owner", "postings_readable",
       spoilt(purchase(),
              [](auto& e) { e.mutable_postings(0)->mutable_account()->set_owner("x"); })},

      {"a wallet of nobody", "postings_are_of_known_accounts",
       posting(purchase(), {{wallet("nobody"), -1'000}, {earned("ann"), 1'000}})},
      {"earnings of nobody", "postings_are_of_known_accounts",
       posting(purchase(), {{wallet("bob"), -1'000}, {earned("nobody"), 1'000}})},
      {"a wallet without an owner", "postings_are_of_known_accounts",
       also_posting(deposit(), {{{pb::ACCOUNT_KIND_WALLET, {}, kUsd}, 5}, {kClearing, -5}})},
      {"fees of somebody", "postings_are_of_known_accounts",
       also_posting(purchase(), {{{pb::ACCOUNT_KIND_FEES, account("eve"), kUsd}, 5}, {kFees, -5}})},
      {"clearing of somebody", "postings_are_of_known_accounts",
       posting(deposit(),
               {{{pb::ACCOUNT_KIND_CLEARING, account("eve"), kUsd}, -700}, {wallet("bob"), 700}})},
      {"an account of no kind", "postings_are_of_known_accounts",
       also_posting(purchase(), {{{pb::ACCOUNT_KIND_UNSPECIFIED, {}, kUsd}, 5}, {kFees, -5}})},
      {"a currency that is not in genesis", "postings_are_of_known_accounts",
       also_posting(purchase(), {{ledger::fees_in(*Currency::parse("EUR")), 5},
                                 {ledger::fees_in(*Currency::parse("EUR")), -5}})},

      {"a cent out of nothing", "postings_sum_to_zero",
       posting(purchase(), {{wallet("bob"), -1'000}, {earned("ann"), 501}, {kFees, 500}})},
      {"a cent lost", "postings_sum_to_zero",
       posting(purchase(), {{wallet("bob"), -1'000}, {earned("ann"), 499}, {kFees, 500}})},
      {"dollars for satoshi", "postings_sum_to_zero",
       posting(purchase(),
               {{wallet("bob"), -1'000}, {ledger::earnings_of(account("ann"), kBtc), 1'000}})},
      {"a sum that overflows to zero", "postings_sum_to_zero",
       posting(purchase(), {{earned("ann"), kMost}, {kFees, kMost}, {wallet("bob"), 2}})},
      {"a sum that overflows and comes back to zero", "postings_sum_to_zero",
       posting(purchase(), {{earned("ann"), kMost}, {kFees, kMost}, {wallet("bob"), -kMost}})},

      {"[D3] an overdraft", "accounts_stay_within_limits",
       made_of(draft::tip("bob", "ann", usd(2'001)))},
      {"negative earnings", "accounts_stay_within_limits",
       also_posting(purchase(), {{earned("eve"), -1}, {wallet("bob"), 1}})},
      {"negative fees", "accounts_stay_within_limits",
       also_posting(purchase(), {{kFees, -800}, {wallet("bob"), 800}})},
      {"a balance that overflows", "accounts_stay_within_limits",
       posting(deposit(), {{kClearing, -kMost}, {wallet("bob"), kMost}})},

      {"[D6] goods without charge", "rights_are_paid", posting(purchase(), {})},
      {"[D6] charge without goods", "rights_are_paid",
       posting(draft::remove("clip", "ann"), {{wallet("bob"), -10}, {earned("ann"), 10}})},
      {"earnings moved without a payment", "rights_are_paid",
       posting(draft::remove("clip", "ann"), {{earned("ann"), -10}, {wallet("carol"), 10}})},
      {"[D2] paid out of another's wallet", "rights_are_paid",
       posting(purchase(), {{wallet("carol"), -1'000}, {earned("ann"), 500}, {kFees, 500}})},
      {"paid in part", "rights_are_paid",
       posting(purchase(), {{wallet("bob"), -998}, {earned("ann"), 498}, {kFees, 500}})},
      {"paid to another creator", "rights_are_paid",
       posting(purchase(), {{wallet("bob"), -1'000}, {earned("eve"), 500}, {kFees, 500}})},
      {"[D9] a fee booked nowhere", "rights_are_paid",
       posting(purchase(), {{wallet("bob"), -1'000}, {earned("ann"), 1'000}})},
      {"a fee above the price", "rights_are_paid",
       spoilt(purchase(), [](auto& e) { e.mutable_purchased()->set_fee(1'001); })},
      {"a negative fee", "rights_are_paid",
       spoilt(purchase(), [](auto& e) { e.mutable_purchased()->set_fee(-1); })},
      {"a fee above the price, and booked so", "rights_are_paid",
       spoilt(posting(purchase(), {{wallet("bob"), -1'000}, {earned("ann"), -1}, {kFees, 1'001}}),
              [](auto& e) { e.mutable_purchased()->set_fee(1'001); })},
      {"a negative fee, and booked so", "rights_are_paid",
       spoilt(posting(purchase(), {{wallet("bob"), -1'000}, {earned("ann"), 1'001}, {kFees, -1}}),
              [](auto& e) { e.mutable_purchased()->set_fee(-1); })},
      {"[D13] a negative price", "rights_are_paid",
       spoilt(purchase(),
              [](auto& e) { e.mutable_purchased()->mutable_price()->set_amount(-1'000); })},
      {"a purchase of no post", "rights_are_paid",
       spoilt(purchase(), [](auto& e) { e.mutable_purchased()->set_post(post("none").raw()); })},
      {"[D1] a purchase from oneself", "rights_are_paid",
       spoilt(posting(purchase(), {}),
              [](auto& e) { e.mutable_purchased()->set_buyer(account("ann").raw()); })},
      {"[D1] a purchase from oneself that is paid", "rights_are_paid",
       spoilt(posting(purchase(), {{wallet("ann"), -1'000}, {earned("ann"), 500}, {kFees, 500}}),
              [](auto& e) { e.mutable_purchased()->set_buyer(account("ann").raw()); })},
      {"[D6] a subscription not paid", "rights_are_paid",
       posting(made_of(draft::subscribe("bob", "ann", usd(1'000))), {})},
      {"[D6] a tip not paid", "rights_are_paid",
       posting(made_of(draft::tip("bob", "ann", usd(500))), {})},
      {"a free follow that is charged", "rights_are_paid",
       posting(made_of(draft::subscribe("bob", "ann", usd(0))),
               {{wallet("bob"), -10}, {earned("ann"), 10}})},
      {"a purchase that also takes from a third wallet", "rights_are_paid",
       also_posting(purchase(), {{wallet("carol"), -10}, {earned("eve"), 10}})},

      {"money from outside without a deposit", "rights_are_paid",
       posting(draft::remove("clip", "ann"), {{kClearing, -10}, {wallet("bob"), 10}})},
      {"a deposit that is not booked", "money_enters_by_deposit_alone", posting(deposit(), {})},
      {"a deposit booked for more than it says", "money_enters_by_deposit_alone",
       posting(deposit(), {{kClearing, -800}, {wallet("bob"), 800}})},
      {"a deposit into another's wallet", "money_enters_by_deposit_alone",
       posting(deposit(), {{kClearing, -700}, {wallet("carol"), 700}})},
      {"a deposit into earnings", "money_enters_by_deposit_alone",
       posting(deposit(), {{kClearing, -700}, {earned("ann"), 700}})},
      {"a deposit that also moves other money", "money_enters_by_deposit_alone",
       also_posting(deposit(), {{wallet("carol"), -10}, {earned("ann"), 10}})},
      {"a deposit of nothing", "money_enters_by_deposit_alone",
       spoilt(posting(deposit(), {}),
              [](auto& e) { e.mutable_deposited()->mutable_amount()->set_amount(0); })},
      {"a deposit below zero", "money_enters_by_deposit_alone",
       spoilt(posting(deposit(), {{kClearing, 700}, {wallet("bob"), -700}}),
              [](auto& e) { e.mutable_deposited()->mutable_amount()->set_amount(-700); })},
  };
  const auto world = shop();
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto violation = ledger::find_violation(world.state, row.event);
    REQUIRE(violation);
    CHECK(violation->invariant == row.invariant);
    CHECK_FALSE(violation->sentence.empty());
    CHECK_FALSE(violation->detail.empty());
  }
}

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <random>

#include "core/ledger/replica.hpp"
#include "tests/ledger/model.hpp"
#include "tests/ledger/refusal.hpp"
#include "tests/support/chain_writer.hpp"
#include "tests/support/seed.hpp"

using namespace fl;
using namespace fl::test;

namespace {

const std::vector<std::string> kPeople = {"ann", "eve", "dan", "bob", "carol", "fred", "nobody"};

Money money(const Model::Price& price) {
  return {price.amount, Currency::parse(price.currency).value_or(Currency{})};
}

/// Random commands given to a real ledger, written as an owner writes it, and to the model.
class Run {
 public:
  explicit Run(std::uint64_t seed) : random_(seed) {
    records_.push_back(writer_.write(ChainWriter::genesis(test_genesis())));
    ledger::apply_genesis(world_.state, test_genesis(), writer_.chain.head);
    records_.push_back(writer_.write(writer_.fence()));
  }

  void step() {
    const auto [command, expected] = random_command();
    const auto decision = ledger::decide(world_.state, {command}, world_.now);
    const bool carried_out = decision && std::holds_alternative<pb::LedgerEvent>(*decision);
    if (carried_out != expected) {
      FAIL("ledger and model part ways over " << command.DebugString()
                                              << (decision ? "accepted" : decision.error().code));
    }
    if (carried_out) {
      take(std::get<pb::LedgerEvent>(*decision));
      maybe_repeat(command);
    }
    if (batch_.size() >= 20 || one_in(8)) end_batch();
  }

  void check_balances() {
    for (const char* code : {"USD", "BTC"}) {
      const auto currency = *Currency::parse(code);
      Amount sum = 0;
      world_.state.balances.for_each([&](const ledger::BalanceKey& key, Amount amount) {
        if (key.currency == currency) sum += amount;
      });
      CHECK(sum == 0);
      CHECK(world_.state.balance(ledger::fees_in(currency)) == model_.fees[code]);
      CHECK(world_.state.balance(ledger::clearing_in(currency)) == -model_.deposited[code]);
      for (const auto& name : kPeople) {
        const bool same_wallet = world_.wallet(name, code) == model_.wallets[{name, code}];
        const bool same_earnings = world_.earnings(name, code) == model_.earnings[{name, code}];
        CHECK(same_wallet);
        CHECK(same_earnings);
      }
    }
  }

  /// The records alone, folded by a replica, give the same state.
  void check_fold() {
    end_batch();
    ledger::Replica replica;
    for (std::size_t i = 0; i < records_.size(); ++i) {
      const auto fed = replica.feed(i, records_[i]);
      if (!fed) FAIL(fed.error().message);
    }
    CHECK(replica.chain() == writer_.chain);
    CHECK(ledger::state_digest(replica.state()) == ledger::state_digest(world_.state));
    ledger::State again;
    ledger::for_each_row(world_.state, [&](auto tag, auto key, auto row) {
      if (!ledger::restore_row(again, tag, key, row)) FAIL("a row cannot be restored");
    });
    CHECK(ledger::state_digest(again) == ledger::state_digest(world_.state));
    CHECK(kept_ == rows_of(world_.state));
  }

  std::size_t accepted() const { return accepted_; }

 private:
  using Rows = std::map<std::pair<ledger::TableTag, std::string>, std::string>;
  static Rows rows_of(const ledger::State& state) {
    Rows rows;
    ledger::for_each_row(state,
                         [&](ledger::TableTag tag, std::string_view key, std::string_view row) {
                           rows[{tag, std::string(key)}] = std::string(row);
                         });
    return rows;
  }

  std::size_t below(std::size_t n) { return random_() % n; }
  bool one_in(std::size_t n) { return below(n) == 0; }
  const std::string& person() { return kPeople[below(kPeople.size())]; }
  std::string thing() {  // one of the last, or one that is not there yet
    const auto end = things_ + 2;
    return "thing" + std::to_string(end - 1 - below(std::min<std::size_t>(end, 30)));
  }

  Model::Price random_price() {
    static constexpr Amount kNonsense[] = {0, -1, 99, 10'000'001, INT64_MAX, INT64_MIN};
    if (one_in(10)) return {kNonsense[below(6)], one_in(2) ? "USD" : "BTC"};
    if (one_in(40)) return {500, "EUR"};
    return {static_cast<Amount>(1'000 + below(5) * 333), one_in(4) ? "BTC" : "USD"};
  }

  pb::LedgerEvent by_staff(pb::StaffCommand order) { return World::signed_by("root", order); }

  std::pair<pb::LedgerEvent, bool> random_command() {
    const auto who = person();
    const auto other = person();
    const auto price = random_price();
    switch (below(16)) {
      case 0: {
        const bool creator = who < "bob" || who == "dan" || who == "eve";
        if (who == "nobody") return random_command();
        return {draft::open(who, creator ? pb::ROLE_CREATOR : pb::ROLE_FAN),
                model_.open(who, creator)};
      }
      case 1:
        return {by_staff(world_.order_verify(who)), model_.verify(who)};
      case 2: {
        if (!one_in(10)) return random_command();
        auto order = world_.order();
        order.mutable_withdraw_verification()->set_account(account(who).raw());
        return {by_staff(order), model_.withdraw(who)};
      }
      case 3:
        offers_[who] = price;
        return {draft::set_price(who, money(price)), model_.set_price(who, price)};
      case 4: {
        const auto name = "thing" + std::to_string(things_++);
        return {draft::register_media(name, who), model_.media(name, who)};
      }
      case 5:
      case 6: {
        const auto name = thing();
        const bool premium = !one_in(4);
        if (premium) prices_.try_emplace(name, price);
        const auto asked = premium ? std::optional(price) : std::nullopt;
        const bool ok = model_.publish(name, who, asked);
        if (ok && premium) prices_[name] = price;
        return {draft::publish(name, who, asked ? std::optional(money(*asked)) : std::nullopt), ok};
      }
      case 7: {
        if (!one_in(4)) return random_command();
        const auto name = thing();
        return {draft::remove(name, who), model_.remove(name, who)};
      }
      case 8:
      case 9:
        return {by_staff(world_.order_deposit(who, money(price))), model_.deposit(who, price)};
      case 10:
      case 11: {
        const auto name = thing();
        const auto shown = one_in(10) || !prices_.contains(name) ? price : prices_[name];
        return {draft::buy(who, name, money(shown)), model_.buy(who, name, shown)};
      }
      case 12:
      case 13: {
        if (one_in(4)) {
          end_batch();  // all events of a batch have its time
          world_.now = world_.now + days(static_cast<std::int64_t>(below(4)));
        }
        const auto shown = one_in(10) || !offers_.contains(other) ? price : offers_[other];
        return {draft::subscribe(who, other, money(shown)),
                model_.subscribe(who, other, shown, world_.now.ms)};
      }
      default:
        return {draft::tip(who, other, money(price)), model_.tip(who, other, price)};
    }
  }

  void take(const pb::LedgerEvent& event) {
    ledger::apply(world_.state, event,
                  {world_.state.next_event_seq, writer_.chain.next_offset,
                   static_cast<std::uint32_t>(batch_.size()), world_.now});
    batch_.push_back(events::encode(event));
    ++accepted_;
  }

  /// [D5] The same command again changes nothing.
  void maybe_repeat(const pb::LedgerEvent& command) {
    if (!one_in(10)) return;
    const auto again = ledger::decide(world_.state, {command}, world_.now);
    REQUIRE(again);
    CHECK(std::holds_alternative<ledger::Repeated>(*again));
  }

  void end_batch() {
    if (!batch_.empty()) {
      records_.push_back(writer_.write(writer_.batch(batch_, world_.now)));
      ledger::apply_batch_end(world_.state, world_.now, writer_.chain.head);
      batch_.clear();
      if (one_in(50)) records_.push_back(writer_.write(writer_.fence()));
    }
    ledger::drain_changes(world_.state,
                          [&](ledger::TableTag tag, std::string_view key, std::string_view row) {
                            kept_[{tag, std::string(key)}] = std::string(row);
                          });
    world_.now = world_.now + Duration{static_cast<std::int64_t>(below(700))};
  }

  std::mt19937_64 random_;
  World world_;
  Model model_;
  ChainWriter writer_;
  std::vector<std::string> records_;
  std::vector<std::string> batch_;
  std::map<std::string, Model::Price> prices_, offers_;
  std::size_t things_ = 0;
  std::size_t accepted_ = 0;
  Rows kept_;
};

}  // namespace

TEST_CASE("[D3][D9][B1] a naive second ledger agrees on every command and every balance") {
  const bool is_long = std::getenv("FANLEDGER_LONG") != nullptr;
  const std::size_t commands = is_long ? 1'000'000 : 20'000;
  Run run(seed("property_test"));
  for (std::size_t i = 0; i < commands; ++i) {
    run.step();
    if (i % 100 == 0 || i + 1 == commands) run.check_balances();
  }
  run.check_fold();
  MESSAGE(run.accepted() << " of " << commands << " commands were carried out");
  CHECK(run.accepted() > commands / 10);
}

#include "core/owner/genesis.hpp"

#include <doctest/doctest.h>

#include "tests/owner/house.hpp"

using namespace fl;
using namespace fl::test;

namespace {
pb::Genesis usual() {
  return owner::default_genesis("sixteen bytes id", staff_key("root").public_key,
                                staff_key("checkpoint").public_key, kGenesisTime);
}
}  // namespace

TEST_CASE("[P10] a new platform takes 10 % of subscriptions, 20 % of tips, 50 % of the rest") {
  const auto fees = usual().fees();
  CHECK(fees.version() == 1);
  CHECK(fees.subscription_bp() == 1'000);
  CHECK(fees.tip_bp() == 2'000);
  CHECK(fees.purchase_bp() == 5'000);
  CHECK(fees.message_unlock_bp() == 5'000);
  CHECK_FALSE(usual().test_clock());
}

TEST_CASE("[P8] a new platform has dollars and bitcoin, with limits for each") {
  const auto genesis = usual();
  REQUIRE(owner::check_genesis(genesis));
  REQUIRE(genesis.currencies_size() == 2);
  CHECK(genesis.currencies(0).code() == "USD");
  CHECK(genesis.currencies(0).decimals() == 2);
  CHECK(genesis.currencies(1).code() == "BTC");
  CHECK(genesis.currencies(1).decimals() == 8);
  CHECK(genesis.fees().limits_size() == 2);
}

TEST_CASE("a genesis that no ledger could stand on is refused, and the field is named") {
  struct Row {
    std::string name;
    std::string field;
    std::function<void(pb::Genesis&)> spoil;
  };
  const Row rows[] = {
      {"another format", "format", [](auto& g) { g.set_format(2); }},
      {"a short ledger id", "ledger_id", [](auto& g) { g.set_ledger_id("short"); }},
      {"a long ledger id", "ledger_id", [](auto& g) { g.set_ledger_id("seventeen bytes id"); }},
      {"no admin", "admin_key", [](auto& g) { g.clear_admin_key(); }},
      {"no checkpoint key", "checkpoint_key", [](auto& g) { g.set_checkpoint_key("x"); }},
      {"no currency", "currencies", [](auto& g) { g.clear_currencies(); }},
      {"a currency twice", "currencies", [](auto& g) { *g.add_currencies() = g.currencies(0); }},
      {"a currency in small letters", "currencies",
       [](auto& g) { g.mutable_currencies(0)->set_code("usd"); }},
      {"19 decimals", "currencies", [](auto& g) { g.mutable_currencies(0)->set_decimals(19); }},
      {"a cut of tips above the whole", "fees",
       [](auto& g) { g.mutable_fees()->set_tip_bp(10'001); }},
      {"a cut of subscriptions above the whole", "fees",
       [](auto& g) { g.mutable_fees()->set_subscription_bp(10'001); }},
      {"a cut of purchases above the whole", "fees",
       [](auto& g) { g.mutable_fees()->set_purchase_bp(10'001); }},
      {"a cut of messages above the whole", "fees",
       [](auto& g) { g.mutable_fees()->set_message_unlock_bp(10'001); }},
      {"limits of no currency", "fees.limits",
       [](auto& g) { g.mutable_fees()->mutable_limits(0)->set_currency("EUR"); }},
      {"a least payment of nothing", "fees.limits",
       [](auto& g) { g.mutable_fees()->mutable_limits(0)->set_minimum(0); }},
      {"limits upside down", "fees.limits",
       [](auto& g) { g.mutable_fees()->mutable_limits(0)->set_maximum(1); }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    auto genesis = usual();
    row.spoil(genesis);
    FaultyLog log;
    const auto status = owner::write_genesis(log, genesis);
    REQUIRE_FALSE(status);
    CHECK(status.error().code == "genesis_malformed");
    CHECK(status.error().field == row.field);
    CHECK(log.end(log::Stream::ledger, 0).value() == 0);
  }
}

TEST_CASE("a genesis is written once") {
  FaultyLog log;
  REQUIRE(owner::write_genesis(log, usual()));
  const auto again = owner::write_genesis(log, usual());
  REQUIRE_FALSE(again);
  CHECK(again.error().code == "ledger_exists");
  CHECK(log.end(log::Stream::ledger, 0).value() == 1);
}

TEST_CASE("a genesis at its limits is taken") {
  auto genesis = usual();
  genesis.mutable_currencies(0)->set_decimals(18);
  genesis.mutable_fees()->set_tip_bp(10'000);
  genesis.mutable_fees()->set_purchase_bp(0);
  auto& limits = *genesis.mutable_fees()->mutable_limits(0);
  limits.set_minimum(1);
  limits.set_maximum(1);
  FaultyLog log;
  CHECK(owner::write_genesis(log, genesis));
}

TEST_CASE("of two that write a genesis at once, the later is told that it was") {
  FaultyLog log;
  const log::NewRecord another{"", "another genesis"};
  log.on_append([&](log::Stream stream) {
    REQUIRE(log.MemoryLog::append(stream, 0, {&another, 1}));
  });
  const auto status = owner::write_genesis(log, usual());
  REQUIRE_FALSE(status);
  CHECK(status.error().kind == ErrorClass::conflict);
  CHECK(status.error().code == "ledger_exists");
}

TEST_CASE("an owner tells the decimals of each currency of its ledger, and of no other") {
  House house;
  const auto owner = house.start();
  CHECK(owner->decimals(*Currency::parse("USD")) == 2);
  CHECK(owner->decimals(*Currency::parse("BTC")) == 8);
  CHECK_FALSE(owner->decimals(*Currency::parse("EUR")));
}

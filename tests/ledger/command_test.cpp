#include <doctest/doctest.h>

#include <algorithm>
#include <map>

#include "core/ledger/rules.hpp"
#include "tests/ledger/refusal.hpp"

using namespace fl;
using namespace fl::test;

namespace {

World shop() {
  World world;
  world.creator("ann").fan("bob").fan("carol");
  world.published("clip", "ann", usd(999)).funded("bob", usd(10'000));
  return world;
}

std::function<pb::LedgerEvent(World&)> from_origin(std::function<void(pb::Origin&)> spoil) {
  return [spoil](World&) {
    return with(draft::buy("bob", "clip", usd(999)),
                [&](pb::LedgerEvent& e) { spoil(*e.mutable_origin()); });
  };
}

/// One right command of each kind, for a world in which each is allowed.
std::vector<pb::LedgerEvent> one_of_each(World& w) {
  w.creator("ann").fan("bob").funded("bob", usd(10'000)).priced("ann", usd(500));
  w.published("clip", "ann", usd(999)).published("old", "ann");
  w.given(draft::register_media("new", "ann")).given(draft::open("dan", pb::ROLE_CREATOR));
  w.staff("spare", pb::STAFF_ROLE_ADMIN);
  auto add = w.order();
  add.mutable_add_staff_key()->set_public_key(staff_key("new").public_key);
  add.mutable_add_staff_key()->set_role(pb::STAFF_ROLE_AUDITOR);
  add.mutable_add_staff_key()->set_name("new");
  auto revoke = w.order();
  revoke.mutable_revoke_staff_key()->set_key(staff_key("spare").id.raw());
  auto withdraw = w.order();
  withdraw.mutable_withdraw_verification()->set_account(account("ann").raw());
  return {draft::open("carol", pb::ROLE_FAN),
          World::signed_by("root", add),
          World::signed_by("root", revoke),
          World::signed_by("root", w.order_verify("dan")),
          World::signed_by("root", withdraw),
          World::signed_by("root", w.order_deposit("bob", usd(100))),
          draft::set_price("ann", usd(500)),
          draft::register_media("fresh", "ann"),
          draft::publish("new", "ann", usd(500)),
          draft::remove("old", "ann"),
          draft::buy("bob", "clip", usd(999)),
          draft::subscribe("bob", "ann", usd(500)),
          draft::tip("bob", "ann", usd(500))};
}

}  // namespace

TEST_CASE("[D5] a repeated command gives the same event and charges once, ever after") {
  auto world = shop();
  const auto command = draft::buy("bob", "clip", usd(999));
  const auto first = world.when(command);
  REQUIRE(first);
  const auto digest = ledger::state_digest(world.state);
  const auto count = world.events.size();
  for (int i = 0; i < 3; ++i) {
    const auto again = world.when(command);
    REQUIRE(again);
    CHECK(events::encode(*again) == events::encode(*first));
  }
  CHECK(world.events.size() == count);
  CHECK(ledger::state_digest(world.state) == digest);
  CHECK(world.wallet("bob") == 9'001);

  world.given(draft::remove("clip", "ann")).later(days(3'000));
  CHECK(events::encode(*world.when(command)) == events::encode(*first));
}

TEST_CASE("[D5] every kind of command is carried out once") {
  World sample;
  const auto count = one_of_each(sample).size();
  CHECK(count == static_cast<std::size_t>(
                     pb::LedgerEvent::descriptor()->FindOneofByName("body")->field_count()));
  for (std::size_t i = 0; i < count; ++i) {
    CAPTURE(i);
    World world;
    const auto command = one_of_each(world)[i];
    const auto first = world.when(command);
    REQUIRE(first);
    const auto digest = ledger::state_digest(world.state);
    const auto again = world.when(command);
    REQUIRE(again);
    CHECK(events::encode(*again) == events::encode(*first));
    CHECK(ledger::state_digest(world.state) == digest);
  }
}

TEST_CASE("[D5] the same id with another body is refused, naming the header at fault") {
  auto world = shop();
  auto command = draft::tip("bob", "ann", usd(500));
  world.given(command);
  command.mutable_tipped()->mutable_amount()->set_amount(600);
  stamp(command, command.origin().command_id());
  const auto other = world.when(command);
  REQUIRE_FALSE(other);
  CHECK(other.error().kind == ErrorClass::conflict);
  CHECK(other.error().code == "idempotency_key_reused");
  CHECK(other.error().field == "Idempotency-Key");
  CHECK(world.wallet("bob") == 9'500);
}

TEST_CASE("[D5] ids are scoped to their caller: another's same id is another command") {
  auto world = shop();
  world.funded("carol", usd(1'000));
  auto bobs = draft::tip("bob", "ann", usd(500));
  auto carols = draft::tip("carol", "ann", usd(500));
  stamp(bobs, "same");
  stamp(carols, "same");
  CHECK(world.when(bobs));
  CHECK(world.when(carols));
  CHECK(world.wallet("carol") == 500);
}

TEST_CASE("what a command is known by, and what it makes, are hashes that FORMAT.md writes down") {
  const auto bob = account("bob").raw();
  CHECK(ledger::command_key(pb::CALLER_KIND_ACCOUNT, bob, "id") ==
        sha256({"fanledger command v1", std::string("\x01\0\0\0\x10", 5), bob, "id"}));
  CHECK(ledger::command_key(pb::CALLER_KIND_VISITOR, "", "id") ==
        sha256({"fanledger command v1", std::string("\x04\0\0\0\0", 5), "id"}));
  auto world = shop();
  const auto command = World::signed_by("root", world.order_deposit("bob", usd(500)));
  const std::string zero(1, '\0');
  CHECK(world.when(command)->deposited().entry() ==
        sha256({"fanledger-id", zero, "deposit", zero, command.origin().caller(), zero,
                command.origin().command_id()})
            .str()
            .substr(0, 16));
}

TEST_CASE("a refusal is not remembered: the same command succeeds once there is money") {
  auto world = shop();
  const auto command = draft::buy("carol", "clip", usd(999));
  CHECK(world.when(command).error().code == "insufficient_funds");
  world.funded("carol", usd(999));
  CHECK(world.when(command));
}

TEST_CASE("a command is refused when its origin is not in order") {
  const auto E = ErrorClass::malformed;
  check_refusals(
      shop, {
                {"no caller", ErrorClass::refused, "caller_not_allowed", "",
                 from_origin([](pb::Origin& o) { o.clear_caller_kind(); })},
                {"no command id", E, "command_id_length", "Idempotency-Key",
                 from_origin([](pb::Origin& o) { o.clear_command_id(); })},
                {"a command id of 256 bytes", E, "command_id_length", "Idempotency-Key",
                 from_origin([](pb::Origin& o) { o.set_command_id(std::string(256, 'k')); })},
                {"a command id that is not text", E, "command_id_malformed", "Idempotency-Key",
                 from_origin([](pb::Origin& o) { o.set_command_id("\xff\xfe"); })},
                {"a command id with a line break", E, "command_id_malformed", "Idempotency-Key",
                 from_origin([](pb::Origin& o) { o.set_command_id("a\nb"); })},
                {"no digest", E, "command_mac_missing", "",
                 from_origin([](pb::Origin& o) { o.clear_command_mac(); })},
                {"a caller that is no id", E, "caller_malformed", "",
                 from_origin([](pb::Origin& o) { o.set_caller("bob"); })},
                {"a caller without an account", ErrorClass::refused, "caller_unknown", "",
                 from_origin([](pb::Origin& o) { o.set_caller(account("nobody").raw()); })},
                {"[D2] a caller who is not the actor", ErrorClass::refused, "not_the_caller", "",
                 from_origin([](pb::Origin& o) { o.set_caller(account("carol").raw()); })},
                {"a visitor with an id", E, "caller_malformed", "",
                 [](World&) {
                   return with(draft::open("dan", pb::ROLE_FAN), [](pb::LedgerEvent& e) {
                     e.mutable_origin()->set_caller(account("bob").raw());
                   });
                 }},
                {"a signature that nobody asked for", E, "staff_proof", "",
                 from_origin([](pb::Origin& o) { o.mutable_staff(); })},
                {"nothing to be done", E, "event_empty", "",
                 [](World&) {
                   return with(draft::buy("bob", "clip", usd(999)),
                               [](pb::LedgerEvent& e) { e.clear_purchased(); });
                 }},
            });
}

TEST_CASE("a command id of 255 printable characters is taken") {
  auto world = shop();
  auto command = draft::buy("bob", "clip", usd(999));
  command.mutable_origin()->set_command_id(" ~" + std::string(253, 'k'));
  CHECK(world.when(command));
}

TEST_CASE("each kind of command is for one kind of caller alone") {
  World sample;
  const auto count = one_of_each(sample).size();
  for (std::size_t i = 0; i < count; ++i) {
    for (int kind = 0; kind <= pb::CallerKind_MAX + 1; ++kind) {
      World world;
      auto command = one_of_each(world)[i];
      if (command.origin().caller_kind() == kind) continue;
      CAPTURE(i);
      CAPTURE(kind);
      command.mutable_origin()->set_caller_kind(static_cast<pb::CallerKind>(kind));
      const auto event = world.when(command);
      REQUIRE_FALSE(event);
      CHECK(event.error().code == "caller_not_allowed");
    }
  }
}

TEST_CASE("what the caller writes where the rules compute is overwritten") {
  auto world = shop();
  auto command = draft::buy("bob", "clip", usd(999));
  command.mutable_purchased()->set_fee(0);
  command.mutable_purchased()->set_fee_version(1);
  ledger::write_postings({{ledger::wallet_of(account("bob"), usd(0).currency), 1'000'000}},
                         command);
  const auto event = world.when(command);
  REQUIRE(event);
  CHECK(event->purchased().fee() == 499);
  CHECK(event->purchased().fee_version() == 7);
  CHECK(event->postings_size() == 3);
  CHECK(world.wallet("bob") == 9'001);
}

TEST_CASE(
    "[B1] an event that the rules would have computed otherwise is refused, whoever wrote it") {
  struct Row {
    std::string name;
    std::size_t kind;
    std::function<void(pb::LedgerEvent&)> spoil;
  };
  constexpr std::size_t kDeposit = 5, kPrice = 6, kBuy = 10, kSubscribe = 11, kTip = 12;
  const Row rows[] = {
      {"a smaller fee", kBuy, [](auto& e) { e.mutable_purchased()->set_fee(498); }},
      {"another schedule", kTip, [](auto& e) { e.mutable_tipped()->set_fee_version(8); }},
      {"a later end", kSubscribe,
       [](auto& e) { e.mutable_subscribed()->set_ends_ms(e.subscribed().ends_ms() + 1); }},
      {"no postings", kBuy, [](auto& e) { e.clear_postings(); }},
      {"a posting more than said", kBuy,
       [](auto& e) { e.mutable_postings(0)->set_amount(-1'000); }},
      {"postings in another order", kTip,
       [](auto& e) { e.mutable_postings()->SwapElements(0, 1); }},
      {"postings where none belong", kPrice,
       [](auto& e) { ledger::write_postings(ledger::deposit(account("ann"), usd(100)), e); }},
      {"[B15] another amount than was signed", kDeposit,
       [](auto& e) { e.mutable_deposited()->mutable_amount()->set_amount(1'000); }},
      {"[B15] another amount than was signed, well booked", kDeposit,
       [](auto& e) {
         e.mutable_deposited()->mutable_amount()->set_amount(1'000);
         ledger::write_postings(
             ledger::deposit(AccountId::from_raw(e.deposited().account()), usd(1'000)), e);
       }},
      {"[B15] another reference than was signed", kDeposit,
       [](auto& e) { e.mutable_deposited()->set_reference("another"); }},
      {"[B15] another account than was signed", kDeposit,
       [](auto& e) { e.mutable_deposited()->set_account(account("ann").raw()); }},
      {"[B15] another act than was signed", kDeposit,
       [](auto& e) { e.mutable_creator_verified()->set_account(account("dan").raw()); }},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    World world;
    auto event = one_of_each(world)[row.kind];
    ledger::complete(world.state, event, world.now);
    REQUIRE(ledger::check(world.state, event, world.now));
    row.spoil(event);
    const auto status = ledger::check(world.state, event, world.now);
    REQUIRE_FALSE(status);
    CHECK(status.error().code == "computed_otherwise");
  }
}

TEST_CASE("[D9] every balance is the sum of its postings, and all of them sum to zero") {
  World world;
  auto commands = one_of_each(world);
  std::rotate(commands.begin(), commands.begin() + 5, commands.end());  // withdrawal comes last
  for (const auto& command : commands) CHECK_MESSAGE(world.when(command), command.DebugString());
  std::map<ledger::BalanceKey, Amount> sums;
  std::map<Currency, Amount> total;
  for (const auto& event : world.events) {
    for (const auto& line : lines_of(event)) {
      sums[line.account] += line.amount;
      total[line.account.currency] += line.amount;
    }
  }
  CHECK(sums.size() == world.state.balances.size());
  for (const auto& [key, amount] : sums) CHECK(world.state.balance(key) == amount);
  for (const auto& [currency, amount] : total) CHECK(amount == 0);
}

TEST_CASE("earnings are not a wallet: they cannot be spent") {
  World world;
  world.creator("ann").creator("eve").fan("bob").funded("bob", usd(10'000));
  world.given(draft::tip("bob", "ann", usd(10'000)));
  CHECK(world.earnings("ann") == 8'000);
  CHECK(world.when(draft::tip("ann", "eve", usd(500))).error().code == "insufficient_funds");
}

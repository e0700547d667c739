#include <doctest/doctest.h>

#include "core/ledger/rules.hpp"
#include "tests/ledger/refusal.hpp"

using namespace fl;
using namespace fl::test;

namespace {

World office() {
  World world;
  world.creator("ann").fan("bob").given(draft::open("dan", pb::ROLE_CREATOR));
  world.staff("verifier", pb::STAFF_ROLE_VERIFIER).staff("finance", pb::STAFF_ROLE_FINANCE);
  world.staff("auditor", pb::STAFF_ROLE_AUDITOR).staff("support", pb::STAFF_ROLE_SUPPORT);
  return world;
}

void revoke(World& world, std::string_view name) {
  auto order = world.order();
  order.mutable_revoke_staff_key()->set_key(staff_key(name).id.raw());
  world.given(World::signed_by("root", order));
}

/// A deposit to Bob, spoiled before it is signed.
std::function<pb::LedgerEvent(World&)> ordering(std::function<void(pb::StaffCommand&)> spoil) {
  return [spoil](World& world) {
    auto order = world.order_deposit("bob", usd(500));
    spoil(order);
    return World::signed_by("root", order);
  };
}
/// The same, spoiled after.
std::function<pb::LedgerEvent(World&)> proving(std::function<void(pb::Origin&)> spoil) {
  return [spoil](World& world) {
    return with(World::signed_by("root", world.order_deposit("bob", usd(500))),
                [&](pb::LedgerEvent& e) { spoil(*e.mutable_origin()); });
  };
}
std::function<pb::LedgerEvent(World&)> adding(std::function<void(pb::AddStaffKey&)> spoil) {
  return [spoil](World& world) {
    auto order = world.order();
    auto* add = order.mutable_add_staff_key();
    add->set_public_key(staff_key("new").public_key);
    add->set_role(pb::STAFF_ROLE_SUPPORT);
    add->set_name("new");
    spoil(*add);
    return World::signed_by("root", order);
  };
}
std::function<pb::LedgerEvent(World&)> depositing(std::function<void(pb::Deposit&)> spoil) {
  return ordering([spoil](pb::StaffCommand& c) { spoil(*c.mutable_deposit()); });
}

}  // namespace

TEST_CASE("[P9][B15] a signed deposit comes from outside, and its event keeps the signature") {
  auto world = office();
  const auto command = World::signed_by("finance", world.order_deposit("bob", btc(5'000)));
  const auto event = world.when(command);
  REQUIRE(event);
  const auto btc_code = btc(0).currency;
  CHECK(lines_of(*event) ==
        std::vector<ledger::PostingLine>{{ledger::clearing_in(btc_code), -5'000},
                                         {ledger::wallet_of(account("bob"), btc_code), 5'000}});
  CHECK(event->deposited().reference() == "bank transfer 1");
  CHECK(event->deposited().entry().size() == 16);
  CHECK(event->origin().staff().signature() == command.origin().staff().signature());
  CHECK(world.wallet("bob", "BTC") == 5'000);
  CHECK(world.state.balance(ledger::clearing_in(btc_code)) == -5'000);
}

TEST_CASE("[P7] staff verify a creator, and withdraw it again") {
  auto world = office();
  REQUIRE(world.when(World::signed_by("verifier", world.order_verify("dan"))));
  CHECK(world.state.accounts.find(account("dan"))->verified);
  CHECK(world.state.accounts.find(account("dan"))->verified_seq == world.events.size() - 1);
  auto order = world.order();
  order.mutable_withdraw_verification()->set_account(account("dan").raw());
  REQUIRE(world.when(World::signed_by("verifier", order)));
  CHECK_FALSE(world.state.accounts.find(account("dan"))->verified);
  CHECK(world.state.accounts.find(account("dan"))->verified_seq == world.events.size() - 1);
}

TEST_CASE("[B15] an admin makes staff, who may then act, and unmakes them") {
  auto world = office();
  world.staff("second", pb::STAFF_ROLE_ADMIN);
  const auto* row = world.state.staff_keys.find(staff_key("second").id);
  REQUIRE(row != nullptr);
  CHECK(row->public_key == staff_key("second").public_key);
  CHECK(row->role == pb::STAFF_ROLE_ADMIN);
  CHECK(row->name == "second");
  CHECK(world.when(World::signed_by("second", world.order_deposit("bob", usd(500)))));
  revoke(world, "second");
  CHECK(world.state.staff_keys.find(staff_key("second").id)->revoked);
  const auto late = world.when(World::signed_by("second", world.order_deposit("bob", usd(500))));
  CHECK(late.error().code == "staff_key_revoked");
}

TEST_CASE("[P9][B15] a staff command is refused unless its proof is right in every part") {
  const auto E = ErrorClass::malformed;
  const auto R = ErrorClass::refused;
  check_refusals(
      office,
      {
          {"an unknown key", R, "staff_key_unknown", "key",
           [](World& w) { return World::signed_by("stranger", w.order_deposit("bob", usd(500))); }},
          {"a key that is no id", R, "staff_key_unknown", "key",
           proving([](pb::Origin& o) { o.mutable_staff()->set_key("x"); })},
          {"another's key than the caller's", R, "staff_key_unknown", "key",
           proving([](pb::Origin& o) { o.set_caller(staff_key("finance").id.raw()); })},
          {"a revoked key", R, "staff_key_revoked", "key",
           [](World& w) {
             revoke(w, "finance");
             return World::signed_by("finance", w.order_deposit("bob", usd(500)));
           }},
          {"a wrong signature", R, "signature_wrong", "signature",
           proving([](pb::Origin& o) { o.mutable_staff()->mutable_signature()->at(10) ^= 1; })},
          {"no signature", R, "signature_wrong", "signature",
           proving([](pb::Origin& o) { o.mutable_staff()->clear_signature(); })},
          {"another key's signature", R, "signature_wrong", "signature", proving([](pb::Origin& o) {
             o.mutable_staff()->set_signature(events::sign(
                 staff_key("finance").seed, events::kStaffCommandDomain, o.staff().command()));
           })},
          {"a signature for another purpose", R, "signature_wrong", "signature",
           proving([](pb::Origin& o) {
             o.mutable_staff()->set_signature(events::sign(
                 staff_key("root").seed, "fanledger something else", o.staff().command()));
           })},
          {"an altered amount", R, "signature_wrong", "signature", proving([](pb::Origin& o) {
             auto command = events::decode<pb::StaffCommand>(o.staff().command()).value();
             command.mutable_deposit()->set_amount(500'000);
             o.mutable_staff()->set_command(events::encode(command));
           })},
          {"signed bytes that are no command", E, "command_unreadable", "command",
           [](World& w) {
             auto event = World::signed_by("root", w.order());
             event.mutable_creator_verified()->set_account(account("dan").raw());
             event.mutable_origin()->mutable_staff()->set_command("\xff");
             event.mutable_origin()->mutable_staff()->set_signature(
                 events::sign(staff_key("root").seed, events::kStaffCommandDomain, "\xff"));
             return event;
           }},
          {"another ledger", R, "other_ledger", "ledger_id",
           ordering([](pb::StaffCommand& c) { c.set_ledger_id("another ledger's"); })},
          {"no ledger", R, "other_ledger", "ledger_id",
           ordering([](pb::StaffCommand& c) { c.clear_ledger_id(); })},
          {"an unknown anchor", R, "anchor_unknown", "anchor_head",
           ordering([](pb::StaffCommand& c) { c.set_anchor_head(sha256("fork").str()); })},
          {"an anchor at another place", R, "anchor_unknown", "anchor_head",
           ordering([](pb::StaffCommand& c) { c.set_anchor_seq(c.anchor_seq() + 1); })},
          {"a stale anchor", R, "anchor_unknown", "anchor_head",
           [](World& w) {
             auto order = w.order_deposit("bob", usd(500));
             for (std::size_t i = 0; i < ledger::kAnchorsKept; ++i) w.later(seconds(1));
             order.set_expires_ms((w.now + minutes(5)).ms);
             return World::signed_by("root", order);
           }},
          {"an expiry that has come", R, "command_expired", "expires_ms",
           [](World& w) {
             auto order = w.order_deposit("bob", usd(500));
             order.set_expires_ms(w.now.ms);
             return World::signed_by("root", order);
           }},
          {"no expiry", R, "command_expired", "expires_ms",
           ordering([](pb::StaffCommand& c) { c.clear_expires_ms(); })},
          {"an expiry too far", R, "expiry_too_far", "expires_ms",
           [](World& w) {
             auto order = w.order_deposit("bob", usd(500));
             order.set_expires_ms((w.now + minutes(10)).ms + 1);
             return World::signed_by("root", order);
           }},
          {"another id than was signed", R, "command_id_differs", "command_id",
           proving([](pb::Origin& o) { o.set_command_id("again"); })},
          {"a reason of 1,001 bytes", E, "field_too_long", "reason",
           ordering([](pb::StaffCommand& c) { c.set_reason(std::string(1001, 'r')); })},
          {"nothing ordered", R, "role_not_allowed", "key",
           [](World& w) {
             // Signed, but without a body: the draft claims one.
             auto event = World::signed_by("root", w.order());
             event.mutable_deposited()->set_account(account("bob").raw());
             return event;
           }},
          {"no proof", E, "staff_proof", "",
           [](World& w) {
             auto event = World::signed_by("root", w.order_deposit("bob", usd(500)));
             event.mutable_origin()->clear_staff();
             *event.mutable_deposited()->mutable_amount() = price(usd(500));
             return event;
           }},
      });
}

TEST_CASE("[B15] an anchor among the last 1,024, and an expiry of ten minutes, are good") {
  auto world = office();
  auto order = world.order_deposit("bob", usd(500));
  for (std::size_t i = 0; i + 1 < ledger::kAnchorsKept; ++i) world.later(seconds(1));
  order.set_expires_ms((world.now + minutes(10)).ms);
  CHECK(world.when(World::signed_by("root", order)));
}

TEST_CASE("anchors are at least a second apart, the first after genesis, and 1,024 at most") {
  World world;
  REQUIRE(world.state.anchors.size() == 1);
  world.later({999});
  CHECK(world.state.anchors.size() == 1);
  world.later({1});
  CHECK(world.state.anchors.size() == 2);
  for (int i = 0; i < 2'000; ++i) world.later(seconds(1));
  CHECK(world.state.anchors.size() == ledger::kAnchorsKept);
  CHECK(world.state.anchors.back().time == world.now);
}

TEST_CASE("[B15] a role allows its own acts and no others") {
  struct Row {
    std::string who;
    bool verify, withdraw, deposit, staff;
  };
  for (const auto& row :
       {Row{"root", true, true, true, true}, Row{"verifier", true, true, false, false},
        Row{"finance", false, false, true, false}, Row{"auditor", false, false, false, false},
        Row{"support", false, false, false, false}}) {
    const auto allowed = [&](const char* act, bool expected, pb::StaffCommand order, World& world) {
      CAPTURE(row.who);
      CAPTURE(act);
      const auto event = world.when(World::signed_by(row.who, order));
      CHECK(event.has_value() == expected);
      if (!event) CHECK(event.error().code == "role_not_allowed");
    };
    auto world = office();
    allowed("verify", row.verify, world.order_verify("dan"), world);
    auto withdraw = world.order();
    withdraw.mutable_withdraw_verification()->set_account(account("ann").raw());
    allowed("withdraw", row.withdraw, withdraw, world);
    allowed("deposit", row.deposit, world.order_deposit("bob", usd(500)), world);
    auto add = world.order();
    add.mutable_add_staff_key()->set_public_key(staff_key("new").public_key);
    add.mutable_add_staff_key()->set_role(pb::STAFF_ROLE_SUPPORT);
    add.mutable_add_staff_key()->set_name("new");
    allowed("add", row.staff, add, world);
    auto remove = world.order();
    remove.mutable_revoke_staff_key()->set_key(staff_key("support").id.raw());
    allowed("revoke", row.staff, remove, world);
  }
}

TEST_CASE("[D5][B15] a signed command sent again is carried out once, even when it has expired") {
  auto world = office();
  const auto command = World::signed_by("root", world.order_deposit("bob", usd(500)));
  REQUIRE(world.when(command));
  CHECK(world.when(command));
  world.later(days(1));
  CHECK(world.when(command));
  CHECK(world.wallet("bob") == 500);
}

TEST_CASE("[D5][B15] an id that a key has used stands for nothing else, newly signed or not") {
  auto world = office();
  auto order = world.order_deposit("bob", usd(500));
  world.given(World::signed_by("root", order));
  order.mutable_deposit()->set_amount(600);
  const auto other = world.when(World::signed_by("root", order));
  CHECK(other.error().code == "idempotency_key_reused");
  CHECK(world.wallet("bob") == 500);
  // Another key's same id is its own.
  CHECK(world.when(World::signed_by("finance", order)));
}

TEST_CASE("staff keys are added and revoked within the rules") {
  const auto E = ErrorClass::malformed;
  check_refusals(
      office,
      {
          {"a short public key", E, "public_key_length", "public_key",
           adding([](pb::AddStaffKey& a) { a.set_public_key("short"); })},
          {"no role", E, "role_unknown", "role",
           adding([](pb::AddStaffKey& a) { a.clear_role(); })},
          {"a role to come", E, "role_unknown", "role",
           adding([](pb::AddStaffKey& a) { a.set_role(static_cast<pb::StaffRole>(6)); })},
          {"no name", E, "name_length", "name", adding([](pb::AddStaffKey& a) { a.clear_name(); })},
          {"a name of 101 bytes", E, "name_length", "name",
           adding([](pb::AddStaffKey& a) { a.set_name(std::string(101, 'n')); })},
          {"a key that is there", ErrorClass::conflict, "staff_key_exists", "public_key",
           adding([](pb::AddStaffKey& a) { a.set_public_key(staff_key("finance").public_key); })},
          {"a key that was revoked", ErrorClass::conflict, "staff_key_exists", "public_key",
           [](World& w) {
             revoke(w, "finance");
             return adding(
                 [](pb::AddStaffKey& a) { a.set_public_key(staff_key("finance").public_key); })(w);
           }},
          {"revoking an unknown key", ErrorClass::not_found, "staff_key_unknown", "key",
           [](World& w) {
             auto order = w.order();
             order.mutable_revoke_staff_key()->set_key(staff_key("stranger").id.raw());
             return World::signed_by("root", order);
           }},
          {"revoking what is no id", ErrorClass::not_found, "staff_key_unknown", "key",
           [](World& w) {
             auto order = w.order();
             order.mutable_revoke_staff_key()->set_key("x");
             return World::signed_by("root", order);
           }},
          {"revoking twice", ErrorClass::conflict, "staff_key_revoked", "key",
           [](World& w) {
             revoke(w, "finance");
             auto order = w.order();
             order.mutable_revoke_staff_key()->set_key(staff_key("finance").id.raw());
             return World::signed_by("root", order);
           }},
          {"revoking the last admin", ErrorClass::refused, "last_admin", "key",
           [](World& w) {
             auto order = w.order();
             order.mutable_revoke_staff_key()->set_key(staff_key("root").id.raw());
             return World::signed_by("root", order);
           }},
          {"revoking the last admin who is left", ErrorClass::refused, "last_admin", "key",
           [](World& w) {
             w.staff("second", pb::STAFF_ROLE_ADMIN);
             revoke(w, "second");
             auto order = w.order();
             order.mutable_revoke_staff_key()->set_key(staff_key("root").id.raw());
             return World::signed_by("root", order);
           }},
      });
}

TEST_CASE("the first admin may go when there is another") {
  auto world = office();
  world.staff("second", pb::STAFF_ROLE_ADMIN);
  revoke(world, "root");
  CHECK(world.state.staff_keys.find(staff_key("root").id)->revoked);
}

TEST_CASE("creators are verified once, and only creators") {
  const auto withdrawing = [](const char* who) {
    return [who](World& w) {
      auto order = w.order();
      order.mutable_withdraw_verification()->set_account(account(who).raw());
      return World::signed_by("root", order);
    };
  };
  const auto verifying = [](const char* who) {
    return [who](World& w) { return World::signed_by("root", w.order_verify(who)); };
  };
  check_refusals(
      office,
      {
          {"a fan", ErrorClass::refused, "not_a_creator", "account", verifying("bob")},
          {"nobody", ErrorClass::not_found, "account_unknown", "account", verifying("nobody")},
          {"twice", ErrorClass::conflict, "already_verified", "account", verifying("ann")},
          {"withdrawing what is not", ErrorClass::conflict, "not_verified", "account",
           withdrawing("dan")},
          {"withdrawing from nobody", ErrorClass::not_found, "account_unknown", "account",
           withdrawing("nobody")},
      });
}

TEST_CASE("[P9][D13] a deposit that is no payment is refused, and the field is named") {
  const auto E = ErrorClass::malformed;
  const auto of = [](Amount amount) {
    return depositing([=](pb::Deposit& d) { d.set_amount(amount); });
  };
  check_refusals(
      office,
      {
          {"to nobody", ErrorClass::not_found, "account_unknown", "account",
           depositing([](pb::Deposit& d) { d.set_account(account("nobody").raw()); })},
          {"to what is no id", ErrorClass::not_found, "account_unknown", "account",
           depositing([](pb::Deposit& d) { d.set_account("x"); })},
          {"of nothing", E, "amount_not_positive", "amount.amount", of(0)},
          {"below zero", E, "amount_negative", "amount.amount", of(-500)},
          {"of the lowest amount", E, "amount_negative", "amount.amount",
           of(std::numeric_limits<Amount>::min())},
          {"too little", E, "amount_too_small", "amount.amount", of(99)},
          {"too much", E, "amount_too_large", "amount.amount", of(10'000'001)},
          {"in an unknown currency", E, "currency_unknown", "amount.currency",
           depositing([](pb::Deposit& d) { d.set_currency("EUR"); })},
          {"without a reference", E, "reference_length", "reference",
           depositing([](pb::Deposit& d) { d.clear_reference(); })},
          {"with a reference of 201 bytes", E, "reference_length", "reference",
           depositing([](pb::Deposit& d) { d.set_reference(std::string(201, 'r')); })},
          {"into a wallet that cannot hold it", ErrorClass::refused, "balance_overflow", "amount",
           [](World& w) {
             w.state.balances.edit(ledger::wallet_of(account("bob"), usd(0).currency)) =
                 std::numeric_limits<Amount>::max() - 499;
             return depositing([](pb::Deposit&) {})(w);
           }},
          {"more than clearing can count", ErrorClass::refused, "vetoed", "",
           [](World& w) {
             w.state.balances.edit(ledger::clearing_in(usd(0).currency)) =
                 std::numeric_limits<Amount>::min() + 499;
             return depositing([](pb::Deposit&) {})(w);
           }},
      });
}

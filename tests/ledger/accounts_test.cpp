#include <doctest/doctest.h>

#include "tests/ledger/refusal.hpp"

using namespace fl;
using namespace fl::test;

namespace {

World with_ann() {
  World world;
  world.creator("Ann.1").fan("bob");
  return world;
}

std::function<pb::LedgerEvent(World&)> opening(std::function<void(pb::AccountOpened&)> spoil) {
  return [spoil](World&) {
    return with(draft::open("carol", pb::ROLE_FAN),
                [&](pb::LedgerEvent& e) { spoil(*e.mutable_account_opened()); });
  };
}

}  // namespace

TEST_CASE("an account is opened with its role, name and e-mail, unverified, and moves no money") {
  World world;
  for (const auto role : {pb::ROLE_FAN, pb::ROLE_CREATOR}) {
    const char* name = role == pb::ROLE_FAN ? "Carol_9.x" : "dan";
    const auto command = draft::open(name, role);
    const auto event = world.when(command);
    REQUIRE(event);
    CHECK(event->postings().empty());
    CHECK(events::encode(*event) == events::encode(command));
    const auto* row = world.state.accounts.find(account(name));
    REQUIRE(row != nullptr);
    CHECK(row->role == role);
    CHECK(row->username == name);
    CHECK(row->email_index == sha256({"e-mail", name}));
    CHECK_FALSE(row->verified);
    CHECK_FALSE(row->subscription_price);
    CHECK(row->opened_seq == world.events.size() - 1);
    CHECK(*world.state.usernames.find(ledger::lower_case(name)) == account(name));
    CHECK(*world.state.emails.find(row->email_index) == account(name));
  }
}

TEST_CASE("an account is not opened when what it is made of is wrong or taken") {
  const auto E = ErrorClass::malformed;
  const auto named = [](const char* name) {
    return opening([name](pb::AccountOpened& e) { e.set_username(name); });
  };
  check_refusals(
      with_ann,
      {
          {"no role", E, "role_unknown", "role",
           opening([](pb::AccountOpened& e) { e.set_role(pb::ROLE_UNSPECIFIED); })},
          {"a role to come", E, "role_unknown", "role",
           opening([](pb::AccountOpened& e) { e.set_role(static_cast<pb::Role>(3)); })},
          {"an empty name", E, "username_malformed", "username", named("")},
          {"a short name", E, "username_malformed", "username", named("ab")},
          {"a long name", E, "username_malformed", "username",
           named("a234567890123456789012345678901")},
          {"a name that begins with a digit", E, "username_malformed", "username", named("1abc")},
          {"a name with a space", E, "username_malformed", "username", named("a b c")},
          {"a name of another script", E, "username_malformed", "username", named("b\u00f6b")},
          {"a short id", E, "account_malformed", "",
           opening([](pb::AccountOpened& e) { e.set_account("short"); })},
          {"a short e-mail index", E, "account_malformed", "",
           opening([](pb::AccountOpened& e) { e.set_email_index("short"); })},
          {"no e-mail", E, "not_sealed", "email",
           opening([](pb::AccountOpened& e) { e.clear_email(); })},
          {"an e-mail under another's key", E, "not_sealed", "email",
           opening(
               [](pb::AccountOpened& e) { e.mutable_email()->set_subject(account("bob").raw()); })},
          {"an e-mail with a short nonce", E, "not_sealed", "email",
           opening([](pb::AccountOpened& e) { e.mutable_email()->set_nonce("n"); })},
          {"an e-mail without a tag", E, "not_sealed", "email", opening([](pb::AccountOpened& e) {
             e.mutable_email()->set_ciphertext("15 bytes, a tag");
           })},
          {"an e-mail of 255 bytes", E, "field_too_long", "email",
           opening([](pb::AccountOpened& e) {
             e.mutable_email()->set_ciphertext(std::string(255 + 16, 'x'));
           })},
          {"an id that is there", ErrorClass::conflict, "account_exists", "",
           opening([](pb::AccountOpened& e) {
             e.set_account(account("bob").raw());
             e.mutable_email()->set_subject(account("bob").raw());
           })},
          {"a name that is taken", ErrorClass::conflict, "username_taken", "username",
           named("bob")},
          {"a name that is taken but for case", ErrorClass::conflict, "username_taken", "username",
           named("aNN.1")},
          {"an e-mail that is taken", ErrorClass::conflict, "email_taken", "email",
           opening([](pb::AccountOpened& e) {
             e.set_email_index(sha256({"e-mail", "bob"}).str());
           })},
      });
}

TEST_CASE("a name of 3 or of 30 characters and an e-mail of 254 bytes are taken") {
  World world;
  for (const char* name : {"abc", "a23456789012345678901234567890"}) {
    CHECK(world.when(with(draft::open(name, pb::ROLE_FAN), [](pb::LedgerEvent& e) {
      e.mutable_account_opened()->mutable_email()->set_ciphertext(std::string(254 + 16, 'x'));
    })));
  }
}

TEST_CASE("[P12] a creator sets a subscription price, in any currency, and zero is a free follow") {
  auto world = with_ann();
  for (const auto& amount : {usd(100), btc(1'000), usd(10'000'000), usd(0)}) {
    const auto event = world.when(draft::set_price("Ann.1", amount));
    REQUIRE(event);
    CHECK(event->postings().empty());
    CHECK(world.state.accounts.find(account("Ann.1"))->subscription_price == amount);
  }
}

TEST_CASE("[D13] a subscription price that is no price is refused, and the field is named") {
  const auto E = ErrorClass::malformed;
  const auto priced = [](const char* who, const Money& amount) {
    return [=](World&) { return draft::set_price(who, amount); };
  };
  const auto in_currency = [](const char* code) {
    return [=](World&) {
      return with(draft::set_price("Ann.1", usd(500)), [&](pb::LedgerEvent& e) {
        e.mutable_subscription_price_set()->mutable_price()->set_currency(code);
      });
    };
  };
  check_refusals(
      with_ann,
      {
          {"a negative price", E, "amount_negative", "price.amount", priced("Ann.1", usd(-1))},
          {"the lowest amount", E, "amount_negative", "price.amount",
           priced("Ann.1", usd(std::numeric_limits<Amount>::min()))},
          {"below the least payment", E, "amount_too_small", "price.amount",
           priced("Ann.1", usd(99))},
          {"above the greatest payment", E, "amount_too_large", "price.amount",
           priced("Ann.1", usd(10'000'001))},
          {"the greatest amount", E, "amount_too_large", "price.amount",
           priced("Ann.1", btc(std::numeric_limits<Amount>::max()))},
          {"an unknown currency", E, "currency_unknown", "price.currency", in_currency("EUR")},
          {"no currency", E, "currency_unknown", "price.currency", in_currency("")},
          {"a currency in small letters", E, "currency_unknown", "price.currency",
           in_currency("usd")},
          {"of a fan", ErrorClass::refused, "not_a_creator", "", priced("bob", usd(500))},
          {"of nobody", ErrorClass::refused, "caller_unknown", "", priced("nobody", usd(500))},
          {"in another's name", ErrorClass::refused, "not_the_caller", "",
           [](World&) {
             return with(draft::set_price("bob", usd(500)), [](pb::LedgerEvent& e) {
               e.mutable_subscription_price_set()->set_creator(account("Ann.1").raw());
             });
           }},
      });
}

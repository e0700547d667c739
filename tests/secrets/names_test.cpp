#include <doctest/doctest.h>

#include <random>
#include <set>

#include "core/secrets/email_address.hpp"
#include "core/secrets/username.hpp"
#include "tests/secrets/counting_random.hpp"

using namespace fl;
using namespace fl::secrets;

TEST_CASE("[P1] e-mail addresses: what is one, and its one spelling") {
  const std::string l64(64, 'l'), d63(63, 'd');
  struct Row {
    std::string text;
    std::string normal;  ///< empty: refused
  };
  const Row rows[] = {
      {"ada@example.com", "ada@example.com"},
      {"  Ada.Lovelace@Example.COM\r\n", "ada.lovelace@example.com"},
      {"a+tag@b.co", "a+tag@b.co"},
      {"o'neil_{x}@sub.domain.example", "o'neil_{x}@sub.domain.example"},
      {"x@xn--bcher-kva.example", "x@xn--bcher-kva.example"},
      {l64 + "@example.com", l64 + "@example.com"},
      {"a@" + d63 + ".com", "a@" + d63 + ".com"},
      {"", ""},
      {"   ", ""},
      {"ada", ""},
      {"@example.com", ""},
      {"ada@", ""},
      {"ada@localhost", ""},
      {"ada@example.com.", ""},
      {"ada@.example.com", ""},
      {"ada@example..com", ""},
      {"ada@-example.com", ""},
      {"ada@example-.com", ""},
      {"ada@exa_mple.com", ""},
      {"ada@127.0.0.1", ""},
      {"ada@[127.0.0.1]", ""},
      {".ada@example.com", ""},
      {"ada.@example.com", ""},
      {"a..da@example.com", ""},
      {"a da@example.com", ""},
      {"ada@exam ple.com", ""},
      {"ada@b@example.com", ""},
      {"\"ada\"@example.com", ""},
      {"<ada@example.com>", ""},
      {"Ada <ada@example.com>", ""},
      {"ada@example.com,bob@example.com", ""},
      {"ada@example.com\r\nBcc: bob@example.com", ""},
      {"ada\r\n@example.com", ""},
      {std::string("ada\0@example.com", 16), ""},
      {"\u00e4da@example.com", ""},
      {"ada@b\u00fccher.example", ""},
      {l64 + "l@example.com", ""},
      {"a@" + d63 + "d.com", ""},
      {l64 + "@" + d63 + "." + d63 + "." + d63 + ".com", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.text);
    const auto address = EmailAddress::parse(row.text);
    CHECK(address.has_value() == !row.normal.empty());
    if (address) {
      CHECK(address->str() == row.normal);
      CHECK(std::string(address->local_part()) + "@" + std::string(address->domain()) ==
            row.normal);
    } else {
      CHECK(address.error().field == "email");
    }
  }
}

TEST_CASE("the index of an address is one whatever its spelling, and another under another key") {
  CountingRandom random(3);
  const auto key = SecretKey::random(random);
  const auto other = SecretKey::random(random);
  const auto index = EmailAddress::parse("ada@example.com")->index(key);
  CHECK(index == EmailAddress::parse(" ADA@Example.com")->index(key));
  CHECK(index != EmailAddress::parse("adb@example.com")->index(key));
  CHECK(index != EmailAddress::parse("ada@example.com")->index(other));
}

TEST_CASE("whatever parses as an address holds nothing that could end a header or a command") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  constexpr std::string_view kAlphabet = "aZ09.-_+@@ \r\n\t<>\",;:()[]\\\0\x80\xff";
  int parsed = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string text = i % 2 == 0 ? "" : "ada@example.com";
    for (auto n = random() % 6; n > 0; --n) {
      text.insert(random() % (text.size() + 1), 1, kAlphabet[random() % kAlphabet.size()]);
    }
    const auto address = EmailAddress::parse(text);
    if (!address) continue;
    ++parsed;
    CHECK(address->str().find_first_of(" \r\n\t<>\",;:()[]\\\x80\xff") == std::string::npos);
    CHECK(address->str().find('\0') == std::string::npos);
    CHECK(EmailAddress::parse(address->str()).value() == *address);
  }
  CHECK(parsed > 0);
}

TEST_CASE("[P1] the rules of user names") {
  const struct {
    std::string name;
    const char* code;
  } rows[] = {
      {"ada", ""},
      {"Ada_Lovelace.1815", ""},
      {std::string(30, 'a'), ""},
      {"ad", "username_too_short"},
      {"", "username_too_short"},
      {std::string(31, 'a'), "username_too_long"},
      {"1ada", "username_invalid"},
      {"_ada", "username_invalid"},
      {".ada", "username_invalid"},
      {"ada.", "username_invalid"},
      {"a..da", "username_invalid"},
      {"a da", "username_invalid"},
      {"ada@x", "username_invalid"},
      {"a-da", "username_invalid"},
      {"ad\u00e4", "username_invalid"},
      {std::string("a\0da", 4), "username_invalid"},
      {"../etc", "username_invalid"},
      {"admin", "username_reserved"},
      {"ADMIN", "username_reserved"},
      {"FanLedger", "username_reserved"},
      {"www", "username_reserved"},
      {"administrators", ""},
      {"Acc_whatever", "username_reserved"},
      {derive_id<AccountId>("test", "", "x").str(), "username_reserved"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    const auto status = check_username(row.name);
    CHECK((status ? "" : status.error().code) == row.code);
    if (!status) CHECK(status.error().field == "username");
  }
}

TEST_CASE(
    "[P1] a generated user name is valid, the same for the same account, and rarely another's") {
  std::set<std::string> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto account = derive_id<AccountId>("test", "", std::to_string(i));
    for (unsigned attempt = 0; attempt < 3; ++attempt) {
      const auto name = generate_username(account, attempt);
      CHECK(check_username(name));
      CHECK(name == generate_username(account, attempt));
      CHECK(account.str().find(name.substr(5)) == std::string::npos);
      seen.insert(name);
    }
  }
  CHECK(seen.size() == 3000);
}

TEST_CASE("user names are compared without regard to case") {
  CHECK(fold_username("Ada_Lovelace.9") == fold_username("aDA_lOVELACE.9"));
  CHECK(fold_username("ada") != fold_username("adb"));
}

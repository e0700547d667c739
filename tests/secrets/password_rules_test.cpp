#include "core/secrets/password_rules.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace fl;
using namespace fl::secrets;

TEST_CASE("[P1] the rules of passwords") {
  struct Row {
    std::string password;
    const char* code;  ///< empty: allowed
    const char* username = "";
    const char* email = "";
  };
  const std::string accented = "\u00e9\u00e8\u00ea\u00eb\u00e0\u00e2\u00e7\u00f9";  // 8 of 2 bytes
  const Row rows[] = {
      {"tulip-garden-9", ""},
      {"xkvmqpwz", ""},
      {"correct horse battery staple", ""},
      {accented, ""},
      {"", "password_too_short"},
      {"xkvmqpw", "password_too_short"},
      {accented.substr(2), "password_too_short"},
      {std::string("xkvmqpw") + std::string(193, 'y'), ""},
      {std::string("xkvmqpw") + std::string(194, 'y'), "password_too_long"},
      {std::string(10'000, 'y'), "password_too_long"},
      {"xkvmqpwz\xff", "password_not_text"},
      {"xkvmqpwz\xc0\x80", "password_not_text"},
      {"xkvmqpwz\xed\xa0\x80", "password_not_text"},
      {"83610372950183", "password_all_digits"},
      {"12345678", "password_all_digits"},
      {"password", "password_too_common"},
      {"PassWord", "password_too_common"},
      {"password1", "password_too_common"},
      {"Password123!", "password_too_common"},
      {"p@ssw0rd", "password_too_common"},
      {"P4$$w0rd2024", "password_too_common"},
      {"iloveyou", "password_too_common"},
      {"qwertyuiop", "password_too_common"},
      {"poiuytrewq", "password_too_common"},
      {"dragon2024!", "password_too_common"},
      {"abcdefgh", "password_too_common"},
      {"1qaz2wsx", "password_too_common"},
      {"aaaaaaaaaaaa", "password_too_common"},
      {"abababababab", "password_too_common"},
      {"dragonflies-over-water", ""},
      {"adalovelace", "password_too_similar", "adalovelace"},
      {"AdaLovelace", "password_too_similar", "adalovelace"},
      {"lovelace12", "password_too_similar", "ada.lovelace"},
      {"lovelace12", "password_too_similar", "", "ada.lovelace@example.com"},
      {"ecalevoladA1", "", "adalovelace"},
      {"adal0velace", "password_too_similar", "adalovelace"},
      {"bob-bob-bob!1", "password_too_similar", "bob"},
      {"bobsleigh-through-snow", "", "bob"},
      {"ada@example.com", "password_too_similar", "", "ada@example.com"},
      {"tulip-garden-9", "", "ada_lovelace", "ada@example.com"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.password);
    const auto status = check_new_password(row.password, row.username, row.email);
    CHECK((status ? "" : status.error().code) == row.code);
    if (!status) {
      CHECK(status.error().field == "password");
      CHECK(status.error().kind == ErrorClass::malformed);
    }
  }
}

TEST_CASE("any bytes as password, user name and e-mail get an answer") {
  const auto seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const auto bytes = [&] {
    std::string out(random() % 300, '\0');
    const bool ascii = random() % 2 == 0;
    for (char& c : out) c = static_cast<char>(ascii ? 32 + random() % 95 : random() % 256);
    return out;
  };
  int allowed = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto password = bytes();
    const auto status = check_new_password(password, bytes(), bytes());
    if (status) {
      ++allowed;
      CHECK(password.size() >= 8);
      CHECK(password.size() <= kMaxPasswordBytes);
    }
  }
  CHECK(allowed > 0);
}

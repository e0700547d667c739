#include "core/events/codec.hpp"

#include <doctest/doctest.h>

using namespace fl;

namespace {

pb::LedgerEvent example() {
  pb::LedgerEvent event;
  event.mutable_origin()->set_command_id("k");
  event.mutable_deposited()->set_reference("r");
  event.mutable_deposited()->mutable_amount()->set_amount(300);
  return event;
}

}  // namespace

TEST_CASE("what is encoded decodes to the same, and encodes to the same bytes") {
  const auto bytes = events::encode(example());
  auto decoded = events::decode<pb::LedgerEvent>(bytes);
  REQUIRE(decoded);
  CHECK(events::encode(*decoded) == bytes);
  CHECK(decoded->deposited().amount().amount() == 300);
}

TEST_CASE("only the canonical spelling of known fields is read") {
  const auto bytes = events::encode(example());
  const std::string price_zero = "\x08" + std::string(1, '\0');  // Price.amount = 0, written out
  struct Row {
    std::string name;
    std::string bytes;
  };
  const std::string origin = bytes.substr(0, 5);  // field 1, 3 bytes: command_id "k"
  const std::string body = bytes.substr(5);
  const Row rows[] = {
      {"cut short", bytes.substr(0, bytes.size() - 1)},
      {"garbage", "\xff\xff\xff\xff"},
      {"an unknown field at the end", bytes + "\xf8\x07\x01"},
      {"fields out of order", body + origin},
      {"a field twice", origin + origin + body},
      {"a trailing zero byte", bytes + std::string(1, '\0')},
  };
  for (const auto& row : rows) {
    CAPTURE(row.name);
    auto decoded = events::decode<pb::LedgerEvent>(row.bytes);
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == "event_unreadable");
  }
  CHECK_FALSE(events::decode<pb::Price>(price_zero));
  CHECK_FALSE(events::decode<pb::Price>("\x08\x81\x00"));  // 1, in two bytes where one would do
  CHECK(events::decode<pb::Price>("\x08\x01"));
}

TEST_CASE("an unknown field inside a nested message is seen too") {
  pb::LedgerEvent event = example();
  event.mutable_deposited()
      ->mutable_amount()
      ->GetReflection()
      ->MutableUnknownFields(event.mutable_deposited()->mutable_amount())
      ->AddVarint(99, 1);
  CHECK_FALSE(events::decode<pb::LedgerEvent>(event.SerializeAsString()));
}

TEST_CASE("text that is not UTF-8 is not read: nobody may write it either") {
  pb::LedgerEvent event = example();
  event.mutable_origin()->set_command_id("\xff");
  CHECK_FALSE(events::decode<pb::LedgerEvent>(event.SerializeAsString()));
}

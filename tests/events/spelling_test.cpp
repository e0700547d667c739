#include "core/events/spelling.hpp"

#include <doctest/doctest.h>
#include <google/protobuf/stubs/logging.h>

#include <random>

#include "core/base/encoding.hpp"
#include "core/events/codec.hpp"
#include "tests/events/golden_examples.hpp"
#include "tests/support/seed.hpp"

using namespace fl;

namespace {

/// The definition: what parses, without what is unknown, encodes to the same bytes.
bool encodes_to_itself(const google::protobuf::Message& type, const std::string& bytes,
                       bool& parses) {
  std::unique_ptr<google::protobuf::Message> message(type.New());
  parses = message->ParseFromString(bytes);
  if (!parses) return false;
  message->DiscardUnknownFields();
  return events::encode(*message) == bytes;
}

void mutate(std::string& bytes, std::mt19937_64& random) {
  const auto at = bytes.empty() ? 0 : random() % bytes.size();
  const auto length = 1 + random() % 6;
  // Small numbers are lengths, tags and signs of continuation: they break structure, not content.
  const auto byte = random() % 3 == 0 ? static_cast<char>(random())
                                      : "\x00\x01\x02\x08\x0a\x10\x12\x80\x81\xff"[random() % 10];
  switch (random() % 6) {
    case 0:
      if (!bytes.empty()) bytes[at] = byte;
      return;
    case 1:
      bytes.insert(bytes.begin() + static_cast<std::ptrdiff_t>(at), byte);
      return;
    case 2:
      bytes.erase(at, 1);
      return;
    case 3:
      bytes.insert(at, bytes.substr(at, length));
      return;
    case 4:
      bytes.append({byte, static_cast<char>(random() % 3)});
      return;
    default: {  // a number spelled in one byte more than it needs
      if (bytes.empty() || (bytes[at] & 0x80) != 0) return;
      bytes[at] = static_cast<char>(bytes[at] | 0x80);
      bytes.insert(at + 1, 1, '\0');
    }
  }
}

}  // namespace

TEST_CASE("the spelling of each kind of message matches its own encoding") {
  for (const auto& example : test::golden_examples()) {
    CAPTURE(example.name);
    const events::Spelling spelling(*example.message->GetDescriptor());
    CHECK(spelling.matches(events::encode(*example.message)));
    CHECK(spelling.matches(""));
  }
}

TEST_CASE("what the spelling accepts is exactly what encodes to itself, whatever is done to it") {
  const google::protobuf::LogSilencer silence;  // of every text that is not UTF-8
  std::mt19937_64 random(test::seed("spelling"));
  std::size_t parsed = 0;
  std::size_t canonical = 0;
  for (const auto& example : test::golden_examples()) {
    const events::Spelling spelling(*example.message->GetDescriptor());
    const auto original = events::encode(*example.message);
    for (int round = 0; round < 400; ++round) {
      auto bytes = original;
      for (auto left = 1 + random() % 3; left > 0; --left) mutate(bytes, random);
      bool parses = false;
      const bool expected = encodes_to_itself(*example.message, bytes, parses);
      if (!parses) continue;
      ++parsed;
      canonical += expected ? 1 : 0;
      INFO(example.name << " " << to_hex(bytes));
      CHECK(spelling.matches(bytes) == expected);
    }
  }
  CHECK(canonical > 100);           // the mutations leave some alone …
  CHECK(parsed > canonical + 200);  // … and make many that only the spelling tells apart
}

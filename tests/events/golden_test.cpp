#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>

#include "core/base/encoding.hpp"
#include "core/events/codec.hpp"
#include "tests/events/golden_examples.hpp"

using namespace fl;

namespace {

const std::filesystem::path kFolder = FANLEDGER_GOLDEN_DIR;
constexpr std::size_t kLine = 60;  // as `xxd -p` prints, and `xxd -r -p` reads

bool writing() {
  const char* mode = std::getenv("FANLEDGER_GOLDEN");
  return mode != nullptr && std::string_view(mode) == "write";
}

std::filesystem::path file_of(const std::string& name) {
  return kFolder / (name + ".hex");
}

void write_golden(const std::string& name, const std::string& bytes) {
  std::ofstream out(file_of(name), std::ios::trunc);
  const auto hex = to_hex(bytes);
  for (std::size_t at = 0; at < hex.size(); at += kLine) out << hex.substr(at, kLine) << '\n';
  REQUIRE(out.flush());
}

std::optional<std::string> read_golden(const std::string& name) {
  std::ifstream in(file_of(name));
  if (!in) return std::nullopt;
  std::string hex;
  for (std::string line; std::getline(in, line);) hex += line;
  return from_hex(hex);
}

}  // namespace

TEST_CASE("each kind of record and event encodes to its golden bytes, and decodes from them") {
  std::set<std::string> names;
  for (const auto& example : test::golden_examples()) {
    INFO(example.name << ": FANLEDGER_GOLDEN=write makes its file");
    CHECK(names.insert(example.name).second);
    const auto bytes = events::encode(*example.message);
    if (writing()) write_golden(example.name, bytes);
    const auto golden = read_golden(example.name);
    REQUIRE(golden.has_value());
    CHECK(to_hex(bytes) == to_hex(*golden));
    std::unique_ptr<google::protobuf::Message> decoded(example.message->New());
    REQUIRE(events::decode(*golden, *decoded, events::Spelling(*decoded->GetDescriptor())));
    CHECK(decoded->DebugString() == example.message->DebugString());
  }
  CHECK(names.size() > 30);
  for (const auto& entry : std::filesystem::directory_iterator(kFolder)) {
    CAPTURE(entry.path().string());
    CHECK(names.contains(entry.path().stem().string()));
  }
}

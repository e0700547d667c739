#include "api/nodes/frames.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <random>
#include <vector>

#include "core/base/encoding.hpp"
#include "tests/support/seed.hpp"

using namespace fl;
using nodes::FrameReader;

namespace {

/// Feeds the bytes in bites of at most this size, and gives the messages that come out.
std::vector<std::string> read_all(FrameReader& reader, std::string_view bytes,
                                  const std::function<std::size_t()>& bite) {
  std::vector<std::string> out;
  while (!bytes.empty() && !reader.broken()) {
    const auto [to, room] = reader.space();
    const auto size = std::min({bite(), room, bytes.size()});
    std::copy_n(bytes.begin(), size, to);
    reader.came(size);
    bytes.remove_prefix(size);
    while (const auto message = reader.next()) out.emplace_back(*message);
  }
  return out;
}

}  // namespace

TEST_CASE("a frame is four bytes of length, big-endian, and the message") {
  std::string out;
  nodes::put_frame(out, std::string(258, 'm'));
  CHECK(out.substr(0, 4) == std::string("\0\0\1\2", 4));
  CHECK(out.size() == 4 + 258);
}

TEST_CASE("messages come out as they went in, however the bytes are cut") {
  std::mt19937_64 random(test::seed("frames"));
  for (int round = 0; round < 50; ++round) {
    std::vector<std::string> messages;
    std::string bytes;
    for (int i = 0; i < 20; ++i) {
      const std::size_t size = 1 + random() % (random() % 5 == 0 ? 300'000 : 50);
      messages.emplace_back(size, static_cast<char>(random()));
      nodes::put_frame(bytes, messages.back());
    }
    FrameReader reader(300'000);
    const std::size_t longest = 1 + random() % 100'000;
    CHECK(read_all(reader, bytes, [&] { return 1 + random() % longest; }) == messages);
    CHECK_FALSE(reader.broken());
    CHECK_FALSE(reader.within_frame());
  }
}

TEST_CASE("a frame that is empty or above the limit breaks the reader for good") {
  for (const std::uint32_t length : {0U, 1'001U, 0xFFFF'FFFFU}) {
    FrameReader reader(1'000);
    std::string bytes;
    nodes::put_frame(bytes, "good");
    put_u32(bytes, length);
    nodes::put_frame(bytes, "never read");
    const auto read = read_all(reader, bytes, [] { return 1; });
    CHECK(read == std::vector<std::string>{"good"});
    CHECK(reader.broken());
    CHECK_FALSE(reader.next());
  }
  FrameReader reader(1'000);
  std::string bytes;
  nodes::put_frame(bytes, std::string(1'000, 'x'));
  CHECK(read_all(reader, bytes, [] { return 7; }).size() == 1);
}

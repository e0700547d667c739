#include "workers/media/fmp4.hpp"

#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "tests/media/fixtures.hpp"

using namespace fl;
using namespace fl::media;

namespace {

std::string make_pack() {
  return test::make_media(
      {"-f", "lavfi", "-i", "testsrc2=s=64x64:r=10:d=5", "-pix_fmt", "yuv420p", "-c:v", "libx264",
       "-profile:v", "high", "-force_key_frames", "expr:gte(t,n_forced*2)", "-sc_threshold", "0",
       "-movflags", "+frag_keyframe+empty_moov+default_base_moof+skip_trailer", "-f", "mp4"});
}

Result<PackIndex> index_of(const test::TemporaryDirectory& folder, const std::string& bytes) {
  std::ofstream(folder / "pack", std::ios::binary | std::ios::trunc) << bytes;
  return index_pack(folder / "pack");
}

}  // namespace

TEST_CASE("the table of a pack covers it byte for byte, with exact lengths") {
  const test::TemporaryDirectory folder;
  const auto bytes = make_pack();
  const auto index = index_of(folder, bytes);
  REQUIRE_MESSAGE(index.has_value(), (index ? "" : index.error().message));
  CHECK(index->codecs.starts_with("avc1.6400"));
  REQUIRE(index->segments.size() == 3);
  auto at = index->init.size;
  for (const auto& segment : index->segments) {
    CHECK(segment.offset == at);
    CHECK(segment.digest == sha256(bytes.substr(at, segment.size)));
    at += segment.size;
  }
  CHECK(at == bytes.size());
  CHECK(index->segments[0].duration_us == 2'000'000);
  CHECK(index->segments[2].duration_us == 1'000'000);
  CHECK(index->duration_us() == 5'000'000);
}

TEST_CASE("a pack that is cut, changed, or a link is an error or another table, never more") {
  const test::TemporaryDirectory folder;
  const auto bytes = make_pack();
  const auto whole = index_of(folder, bytes);
  REQUIRE(whole.has_value());
  for (std::size_t size = 0; size < bytes.size(); size += size < 1200 ? 1 : 997) {
    const auto cut = index_of(folder, bytes.substr(0, size));
    if (cut) CHECK(cut->segments.size() < whole->segments.size());
  }
  const unsigned seed = std::random_device{}();
  CAPTURE(seed);
  std::mt19937 random(seed);
  const std::size_t header = whole->segments[0].offset + 400;
  for (int i = 0; i < 1000; ++i) {
    auto changed = bytes;
    for (int flips = 0; flips < 3; ++flips) {
      changed[random() % header] = static_cast<char>(i % 2 ? random() : 0xff);
    }
    const auto index = index_of(folder, changed);
    if (!index) {
      CHECK(index.error().code == "media_derivation_failed");
      continue;
    }
    const auto& last = index->segments.back();
    CHECK(last.offset + last.size == changed.size());
    CHECK(index->duration_us() > 0);
  }
  std::filesystem::create_symlink(folder / "pack", folder / "link");
  CHECK_FALSE(index_pack(folder / "link").has_value());
  CHECK(index_pack(folder / "absent").error().kind == ErrorClass::not_found);
}

#include "workers/media/manifest.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>

#include "tests/media/sample_manifest.hpp"
#include "workers/media/manifest_check.hpp"

using namespace fl;
using namespace fl::media;

TEST_CASE("a manifest has one encoding, and decodes to itself") {
  for (const auto& manifest : {test::sample_video(), test::sample_photo()}) {
    const auto bytes = encode_manifest(manifest);
    const auto decoded = decode_manifest(bytes);
    REQUIRE_MESSAGE(decoded.has_value(), (decoded ? "" : decoded.error().message));
    CHECK(*decoded == manifest);
    CHECK(encode_manifest(*decoded) == bytes);
  }
  CHECK(encode_manifest(test::sample_photo())
            .starts_with(
                R"({"audio":null,"info":{"audio_codec":"","duration_ms":0,"frame_rate":[0,1],)"));
}

TEST_CASE("a manifest that was changed in any byte is another one or none") {
  const auto manifest = test::sample_photo();
  const auto bytes = encode_manifest(manifest);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    for (const char c : {' ', '0', '"', 'A', '\0', '\x80'}) {
      auto changed = bytes;
      if (changed[i] == c) continue;
      changed[i] = c;
      const auto decoded = decode_manifest(changed);
      if (decoded) CHECK_FALSE(*decoded == manifest);
      if (decoded) CHECK(encode_manifest(*decoded) == changed);
    }
    CHECK_FALSE(decode_manifest(std::string_view(bytes).substr(0, i)).has_value());
  }
}

TEST_CASE("what is not a canonical manifest of a known version is refused") {
  const auto bytes = encode_manifest(test::sample_video());
  const auto swap = [&](const std::string& from, const std::string& to) {
    auto changed = bytes;
    const auto at = changed.find(from);
    REQUIRE(at != std::string::npos);
    return changed.replace(at, from.size(), to);
  };
  CHECK(decode_manifest(swap("\"version\":1", "\"version\":2")).error().code ==
        "manifest_version_unknown");
  for (const auto& text :
       {std::string(), std::string("null"), std::string("[]"), bytes + "\n", " " + bytes,
        swap("\"version\":1", "\"version\":1,\"x\":1"), swap("\"width\":1280", "\"width\":1280.0"),
        swap("\"width\":1280", "\"width\":-1280"), swap("\"width\":1280", "\"width\":4294967296"),
        swap("\"has_audio\":true", "\"has_audio\":1"), swap("\"kind\":\"video\"", "\"kind\":\"x\""),
        swap("\"name\":\"360\"", "\"name\":\"../\""), swap("avc1.64001e", "avc1\\\"\\n"),
        std::string(100'000, '['),
        "{\"version\":1,\"info\":" + std::string(50'000, '[') + std::string(50'000, ']') + "}"}) {
    const auto decoded = decode_manifest(text);
    REQUIRE_FALSE(decoded.has_value());
    CHECK(decoded.error().kind == ErrorClass::malformed);
  }
}

TEST_CASE("tables that do not fit are refused") {
  struct Row {
    const char* what;
    std::function<void(MediaManifest&)> spoil;
  };
  const Row rows[] = {
      {"a gap", [](auto& m) { m.renditions[0].track.segments[1].offset += 1; }},
      {"an overlap", [](auto& m) { m.renditions[0].track.segments[1].offset -= 1; }},
      {"past the pack", [](auto& m) { m.renditions[0].track.pack.size -= 1; }},
      {"a hole at the end", [](auto& m) { m.renditions[0].track.pack.size += 1; }},
      {"no segments", [](auto& m) { m.renditions[0].track.segments.clear(); }},
      {"a segment of no length",
       [](auto& m) { m.renditions[0].track.segments[0].duration_us = 0; }},
      {"a segment of huge size",
       [](auto& m) { m.renditions[0].track.segments[2].size = ~std::uint64_t{0}; }},
      {"no init", [](auto& m) { m.renditions[0].track.init.size = 0; }},
      {"a false bandwidth", [](auto& m) { m.renditions[0].track.bandwidth += 1; }},
      {"two of one name", [](auto& m) { m.renditions[1].track.name = "360"; }},
      {"sound of a rendition's name", [](auto& m) { m.audio->name = "360"; }},
      {"no renditions", [](auto& m) { m.renditions.clear(); }},
      {"no poster", [](auto& m) { m.poster.reset(); }},
      {"no sound", [](auto& m) { m.audio.reset(); }},
      {"a long preview [D17]", [](auto& m) { m.preview->duration_ms = 1326; }},
      {"photo sizes", [](auto& m) { m.photos = test::sample_photo().photos; }},
      {"a zero digest", [](auto& m) { m.source.digest = {}; }},
      {"no frame rate",
       [](auto& m) {
         m.info.frame_rate = {0, 1};
       }},
  };
  REQUIRE(check_manifest(test::sample_video()).has_value());
  for (const auto& row : rows) {
    CAPTURE(row.what);
    auto manifest = test::sample_video();
    row.spoil(manifest);
    CHECK_FALSE(check_manifest(manifest).has_value());
    CHECK_FALSE(decode_manifest(encode_manifest(manifest)).has_value());
  }
  auto photo = test::sample_photo();
  photo.photos.pop_back();
  CHECK_FALSE(check_manifest(photo).has_value());
}

TEST_CASE("bandwidth is the peak over about a target duration, and the average over all") {
  const auto segment = [](std::uint64_t size, std::int64_t us) {
    return Segment{0, size, us, sha256("x")};
  };
  const auto even = measure_bandwidth({segment(1000, 2'000'000), segment(1000, 2'000'000)});
  CHECK(even.peak == 4000);
  CHECK(even.average == 4000);
  // A short last segment counts together with the one before it, not by itself.
  const auto tail = measure_bandwidth({segment(1000, 2'000'000), segment(500, 100'000)});
  CHECK(tail.peak == 5715);
  CHECK(tail.average == 5715);
  const auto uneven = measure_bandwidth({segment(1000, 2'000'000), segment(3000, 2'000'000)});
  CHECK(uneven.peak == 12'000);
  CHECK(uneven.average == 8000);
  CHECK(measure_bandwidth({segment(100, 100'000)}).peak == 8000);
  CHECK(measure_bandwidth({}).peak == 0);
  // Two bursts 2 s apart do not fall into one run: 3.8 s is more than one and a half targets.
  std::vector<Segment> bursts = {segment(9000, 900'000), segment(1, 2'000'000),
                                 segment(9000, 900'000)};
  bursts.resize(8, segment(1, 2'000'000));
  CHECK(measure_bandwidth(bursts).peak == 24'831);
}

TEST_CASE("forgetting names each derived blob once, and not the source") {
  const auto video = forget(test::sample_video());
  CHECK(video.size() == 5);
  CHECK(std::find(video.begin(), video.end(), sha256("source")) == video.end());
  auto photo = test::sample_photo();
  photo.photos[1].blob = photo.photos[0].blob;
  CHECK(forget(photo).size() == 2);
}

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "tests/media/fixtures.hpp"
#include "workers/media/manifest.hpp"

using namespace fl;
using namespace fl::media;
using fl::test::Workshop;

namespace {

/// Refused for this reason, with the file named as at fault, and nothing of it left.
void check_refused(std::string_view bytes, const char* code, const MediaLimits& limits = {},
                   std::size_t chunks = 1) {
  Workshop shop;
  const auto made = shop.process(bytes, chunks, limits);
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().code == code);
  CHECK(made.error().field == "file");
  CHECK(made.error().kind == ErrorClass::malformed);
  CHECK_FALSE(made.error().message.empty());
  CHECK(shop.derived_blobs() == 0);
  CHECK(shop.is_work_empty());
}

}  // namespace

TEST_CASE(
    "what is no photo or video by its bytes is refused with a reason, and leaves no file [D23]") {
  struct Row {
    const char* what;
    std::string bytes;
    const char* code;
  };
  const Row rows[] = {
      {"nothing", "", "media_empty"},
      {"a text", "Hello, I am video.mp4, believe me.\n", "media_is_text"},
      {"a playlist",
       "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
       "media_is_playlist"},
      {"a concat script", "ffconcat version 1.0\nfile '/etc/passwd'\n", "media_is_concat_script"},
      {"a drawing", "<svg xmlns=\"http://www.w3.org/2000/svg\"><image href=\"/etc/passwd\"/></svg>",
       "media_is_svg"},
      {"noise", std::string("\x01\x02\x03\x04", 4) + std::string(1000, '\x9c'),
       "media_type_unknown"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    check_refused(row.bytes, row.code);
  }
}

TEST_CASE("a file that only begins like media is refused, and leaves no file [D23]") {
  using namespace std::string_literals;
  const std::string ftyp =
      "\0\0\0\x18"
      "ftypisom\0\0\0\1isommp41"s;
  const std::string playlist = "#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n/etc/passwd\n";
  check_refused(ftyp, "media_unreadable");
  check_refused(ftyp + playlist, "media_unreadable");
  check_refused("\xff\xd8\xff\xe0" + std::string(5000, 'x'), "media_unreadable");
  check_refused("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"s + std::string(50, '\0'), "media_unreadable");
  check_refused("\x1a\x45\xdf\xa3\x87\x42\x82\x84webm"s + std::string(100, '\0'),
                "media_unreadable");
  check_refused("RIFF\x20\0\0\0WEBPVP8 "s + std::string(100, 'x'), "media_unreadable");
}

TEST_CASE("a truncated video is refused, wherever its index stands [D23]") {
  const auto at_end = test::make_mp4(160, 120, "6");
  check_refused(at_end.substr(0, at_end.size() * 6 / 10), "media_unreadable", {}, 2);
  const auto at_start = test::make_mp4(160, 120, "6", true, {"-movflags", "+faststart"});
  check_refused(at_start.substr(0, at_start.size() * 6 / 10), "media_truncated", {}, 2);
}

TEST_CASE("a picture bomb is refused before it is unpacked") {
  const auto bomb = test::make_png(20'000, 20'000);
  CHECK(bomb.size() < 4'000'000);
  check_refused(bomb, "media_too_many_pixels");
  const auto large = test::make_png(9'000, 6'000);
  check_refused(large, "media_too_many_pixels");
}

TEST_CASE("each bound on a source is kept") {
  const auto video = test::make_mp4(160, 120, "1");
  MediaLimits limits;
  SUBCASE("bytes") {
    limits.max_bytes = video.size() - 1;
    check_refused(video, "media_too_large", limits, 3);
  }
  SUBCASE("chunks") {
    limits.max_chunks = 2;
    check_refused(video, "media_too_large", limits, 3);
  }
  SUBCASE("pixels") {
    limits.max_pixels = 160 * 120 - 1;
    check_refused(video, "media_too_many_pixels", limits);
  }
  SUBCASE("longest side") {
    limits.max_side = 159;
    check_refused(video, "media_sides_out_of_range", limits);
  }
  SUBCASE("shortest side") {
    limits.min_side = 121;
    check_refused(video, "media_sides_out_of_range", limits);
  }
  SUBCASE("longest") {
    limits.max_duration_ms = 999;
    check_refused(video, "media_duration_out_of_range", limits);
  }
  SUBCASE("shortest") {
    limits.min_duration_ms = 1001;
    check_refused(video, "media_duration_out_of_range", limits);
  }
  SUBCASE("frames a second") {
    limits.max_frame_rate = 29;
    check_refused(video, "media_frame_rate_out_of_range", limits);
  }
  SUBCASE("streams") {
    limits.max_streams = 1;
    check_refused(video, "media_too_many_streams", limits);
  }
}

TEST_CASE("sound alone, and codecs that are not on the list, are refused") {
  check_refused(test::make_media({"-f", "lavfi", "-i", "sine=d=1", "-c:a", "aac", "-f", "mp4"}),
                "media_no_video");
  check_refused(test::make_media({"-f", "lavfi", "-i", "testsrc2=s=64x64:d=1", "-c:v", "ffv1", "-f",
                                  "matroska"}),
                "media_codec_unsupported");
}

TEST_CASE("a chunk that is not in the store is missing, and one that was damaged is noticed") {
  Workshop shop;
  const auto missing =
      process(shop.store, shop.store, Jail(), {sha256("not there")}, shop.work, {});
  CHECK(missing.error().code == "blob_missing");
  const auto nothing = process(shop.store, shop.store, Jail(), {}, shop.work, {});
  CHECK(nothing.error().code == "media_empty");
  const auto image = test::make_png(64, 64);
  const auto first = shop.store.put(image.substr(0, 40))->digest;
  const auto second = shop.store.put(image.substr(40))->digest;
  const auto path = shop.store.path(second);
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  std::ofstream(path) << "other bytes";
  for (const auto& chunks :
       {std::vector<Digest>{first, second}, std::vector<Digest>{first, first, second}}) {
    CHECK(process(shop.store, shop.store, Jail(), chunks, shop.work, {}).error().code ==
          "blob_damaged");
  }
  const auto whole = shop.store.put(image)->digest;
  std::filesystem::permissions(shop.store.path(whole), std::filesystem::perms::owner_all);
  std::ofstream(shop.store.path(whole), std::ios::app) << "x";
  CHECK(process(shop.store, shop.store, Jail(), {whole}, shop.work, {}).error().code ==
        "blob_damaged");
  CHECK(shop.is_work_empty());
}

TEST_CASE("without a jail nothing is decoded, and nothing is left") {
  Workshop shop;
  const auto chunk = shop.store.put(test::make_png(64, 64))->digest;
  const auto made = process(shop.store, shop.store, Jail("/usr/bin/env"), {chunk}, shop.work, {});
  CHECK(made.error().code == "jail_unavailable");
  CHECK(made.error().kind == ErrorClass::unavailable);
  CHECK(shop.is_work_empty());
}

TEST_CASE("a work folder whose name is a shell's command is only a name [D22]") {
  Workshop shop;
  const std::string odd = shop.work + "/\"; touch x; $(touch y) `touch z`";
  REQUIRE(::mkdir(odd.c_str(), 0700) == 0);
  const auto image = test::make_png(64, 64);
  const auto half = image.size() / 2;
  const auto made = process(
      shop.store, shop.store, Jail(),
      {shop.store.put(image.substr(0, half))->digest, shop.store.put(image.substr(half))->digest},
      odd, {});
  CHECK_MESSAGE(made.has_value(), (made ? "" : made.error().message));
  CHECK(std::filesystem::is_empty(odd));
}

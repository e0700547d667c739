#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "tests/media/fixtures.hpp"
#include "tests/media/hls_check.hpp"
#include "workers/media/manifest.hpp"
#include "workers/media/playlist.hpp"

using namespace fl;
using namespace fl::media;
using fl::test::Workshop;

namespace {

const Processed& require_made(const Result<Processed>& made) {
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().code + ": " + made.error().message));
  return *made;
}

/// What holds of every video, whatever it was.
void check_video(Workshop& shop, const Processed& made, double seconds) {
  const auto& manifest = made.manifest;
  const auto stored = shop.store.read(made.stored.digest, kMaxManifestBytes);
  REQUIRE(stored.has_value());
  const auto decoded = decode_manifest(*stored);
  REQUIRE_MESSAGE(decoded.has_value(), (decoded ? "" : decoded.error().message));
  CHECK(*decoded == manifest);
  const auto blobs = forget(manifest);
  CHECK(shop.derived_blobs() == blobs.size() + 1);  // and the manifest itself
  for (const auto& blob : blobs) CHECK(shop.store.exists(blob));

  const double frame = static_cast<double>(manifest.renditions[0].frame_rate.den) /
                       manifest.renditions[0].frame_rate.num;
  for (std::size_t i = 0; i < manifest.renditions.size(); ++i) {
    const auto& segments = manifest.renditions[i].track.segments;
    double total = 0;
    for (std::size_t s = 0; s < segments.size(); ++s) {
      const double length = static_cast<double>(segments[s].duration_us) / 1e6;
      if (s + 1 < segments.size()) CHECK(std::abs(length - 2.0) <= frame);
      total += length;
    }
    CHECK(std::abs(total - seconds) <= 2 * frame);
    const auto played = test::play(shop.store, manifest, i);
    CHECK_MESSAGE(played.clean, played.said);
    CHECK(played.frames == std::lround(total / frame));
  }
  REQUIRE(manifest.preview.has_value());
  const auto said =
      test::ffprobe(shop.store.path(manifest.preview->blob.digest), "format=duration");
  const double preview = std::strtod(said.substr(said.find('=') + 1).c_str(), nullptr);
  CHECK(preview > 0);
  CHECK(preview <= seconds / 4 + 0.001);
  CHECK(std::abs(preview * 1000 - static_cast<double>(manifest.preview->duration_ms)) < 2);
  CHECK(std::is_sorted(shop.progress.begin(), shop.progress.end()));
  CHECK(shop.progress.back() == 100);
  CHECK(shop.is_work_empty());
}

}  // namespace

TEST_CASE("a video of 720 lines becomes two renditions, sound, poster and preview [P15] [P17]") {
  Workshop shop;
  const auto source = test::make_mp4(
      1280, 720, "6", true,
      {"-metadata", "location=+48.8577+002.295/", "-metadata", "title=secret title"});
  REQUIRE(source.find("secret title") != std::string::npos);
  const auto result = shop.process(source, 3);
  const auto& made = require_made(result);
  const auto& manifest = made.manifest;
  CHECK(manifest.source == BlobRef{sha256(source), source.size()});
  CHECK(manifest.info.width == 1280);
  CHECK(manifest.info.height == 720);
  CHECK(manifest.info.duration_ms == 6000);
  CHECK(manifest.info.frame_rate == Ratio{30, 1});
  REQUIRE(manifest.renditions.size() == 2);
  CHECK(manifest.renditions[0].track.name == "360");
  CHECK(manifest.renditions[0].width == 640);
  CHECK(manifest.renditions[1].track.name == "720");
  CHECK(manifest.renditions[1].height == 720);
  CHECK(manifest.renditions[1].track.segments.size() == 3);
  CHECK(manifest.renditions[1].track.codecs.starts_with("avc1.6400"));
  REQUIRE(manifest.audio.has_value());
  CHECK(manifest.audio->codecs == "mp4a.40.2");
  CHECK(manifest.poster->width == 1280);
  CHECK(manifest.preview->height == 480);
  check_video(shop, made, 6);
  for (const auto& blob : forget(manifest)) {
    const auto bytes = *shop.store.read(blob, 64 << 20);
    CHECK(bytes.find("secret title") == std::string::npos);
    CHECK(bytes.find("48.8577") == std::string::npos);
  }
  const auto poster = test::ffprobe(shop.store.path(manifest.poster->blob.digest),
                                    "stream=codec_name,width,height", {"-f", "jpeg_pipe"});
  CHECK(poster == "codec_name=mjpeg\nwidth=1280\nheight=720\n");
}

TEST_CASE("the same video gives the same bytes again [B11]") {
  const auto source = test::make_mp4(320, 240, "2");
  Workshop first, second;
  CHECK(require_made(first.process(source, 1)).stored ==
        require_made(second.process(source, 5)).stored);
}

TEST_CASE("a portrait video stays upright, and one that is rotated is turned") {
  for (const bool rotated : {false, true}) {
    CAPTURE(rotated);
    Workshop shop;
    const auto source = rotated ? test::make_media({"-i", "/in/source", "-c", "copy",
                                                    "-metadata:s:v:0", "rotate=90", "-f", "mp4"},
                                                   test::make_mp4(640, 368, "2.5"))
                                : test::make_mp4(368, 640, "2.5");
    const auto result = shop.process(source);
    const auto& made = require_made(result);
    CHECK(made.manifest.info.width == 368);
    CHECK(made.manifest.info.height == 640);
    REQUIRE(made.manifest.renditions.size() == 2);
    CHECK(made.manifest.renditions[0].width == 240);
    CHECK(made.manifest.renditions[1].width == 360);
    check_video(shop, made, 2.5);
  }
}

TEST_CASE("a silent video has no sound track, and a tiny one its own size") {
  Workshop shop;
  const auto result = shop.process(test::make_mp4(66, 50, "3", false));
  const auto& made = require_made(result);
  CHECK_FALSE(made.manifest.audio.has_value());
  REQUIRE(made.manifest.renditions.size() == 1);
  CHECK(made.manifest.renditions[0].width == 66);
  CHECK(made.manifest.renditions[0].height == 50);
  CHECK(master_playlist(made.manifest, [](const Track& t) { return t.name; }).find("AUDIO") ==
        std::string::npos);
  check_video(shop, made, 3);
}

TEST_CASE("Matroska and WebM are admitted as MP4 is, at their own frame rate") {
  struct Row {
    const char* video;
    const char* audio;
    const char* format;
    const char* rate;
    Ratio expected;
  };
  for (const auto& row : {Row{"libx264", "libmp3lame", "matroska", "25", {25, 1}},
                          Row{"libvpx", "libopus", "webm", "30000/1001", {30000, 1001}}}) {
    CAPTURE(row.format);
    Workshop shop;
    const auto result = shop.process(
        test::make_media({"-f", "lavfi", "-i", std::string("testsrc2=s=320x240:d=3:r=") + row.rate,
                          "-f", "lavfi", "-i", "sine=d=3", "-pix_fmt", "yuv420p", "-c:v", row.video,
                          "-b:v", "300k", "-c:a", row.audio, "-f", row.format}));
    const auto& made = require_made(result);
    CHECK(made.manifest.renditions[0].frame_rate == row.expected);
    check_video(shop, made, 3);
  }
}

TEST_CASE("the preview of a short video is never the whole video [D17]") {
  for (const char* seconds : {"0.2", "2"}) {
    CAPTURE(seconds);
    Workshop shop;
    const auto result = shop.process(test::make_mp4(64, 64, seconds));
    const auto& made = require_made(result);
    REQUIRE(made.manifest.preview.has_value());
    CHECK(made.manifest.preview->duration_ms * 4 <= made.manifest.info.duration_ms);
    const auto counted =
        test::ffprobe(shop.store.path(made.manifest.preview->blob.digest), "stream=nb_read_frames",
                      {"-count_frames", "-select_streams", "v"});
    const auto frames = std::strtol(counted.substr(counted.find('=') + 1).c_str(), nullptr, 10);
    CHECK(frames >= 1);
    CHECK(frames <= std::lround(std::strtod(seconds, nullptr) * 30 / 4));
  }
}

TEST_CASE("the poster shows nothing from after the preview, and is not black") {
  // Black for 0.5 s, green up to 2 s, then white: the preview of 8 s ends at 2 s.
  Workshop shop;
  const auto source = test::make_media(
      {"-f", "lavfi", "-i",
       "color=black:s=64x64:d=0.5[a];color=green:s=64x64:d=1.5[b];color=white:s=64x64:d=6[c];"
       "[a][b][c]concat=n=3",
       "-pix_fmt", "yuv420p", "-c:v", "libx264", "-g", "5", "-f", "mp4"});
  const auto result = shop.process(source);
  const auto& poster = require_made(result).manifest.poster;
  JailTask task;
  task.input = shop.store.path(poster->blob.digest);
  task.arguments = {
      "/usr/bin/ffmpeg",        "-v", "error",    "-f",    "jpeg_pipe", "-i", "/in/source", "-vf",
      "scale=1:1,format=rgb24", "-f", "rawvideo", "pipe:1"};
  const auto pixel = Jail().run(task);
  REQUIRE(pixel->out.size() == 3);
  const auto colour = [&](std::size_t i) { return static_cast<unsigned char>(pixel->out[i]); };
  CHECK(colour(1) > 80);
  CHECK(colour(0) < 60);
  CHECK(colour(2) < 60);
}

TEST_CASE("work that is cancelled stops, and leaves no file") {
  Workshop shop;
  const auto chunk = shop.store.put(test::make_mp4(640, 360, "20"))->digest;
  std::stop_source stop;
  const auto made = process(
      shop.store, shop.store, Jail(), {chunk}, shop.work, {},
      [&](int percent) {
        if (percent >= 8) stop.request_stop();
      },
      stop.get_token());
  REQUIRE_FALSE(made.has_value());
  CHECK(made.error().code == "media_cancelled");
  CHECK(made.error().kind == ErrorClass::retry);
  CHECK(shop.is_work_empty());
}

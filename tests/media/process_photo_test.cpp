#include <doctest/doctest.h>

#include <cmath>

#include "tests/media/fixtures.hpp"
#include "workers/media/manifest.hpp"

using namespace fl;
using namespace fl::media;
using fl::test::Workshop;

namespace {

/// The pixels of a derived JPEG, reduced to some sides, as RGB.
std::string pixels(const Workshop& shop, const Still& still, const std::string& sides) {
  JailTask task;
  task.input = shop.store.path(still.blob.digest);
  task.arguments = {"/usr/bin/ffmpeg",
                    "-v",
                    "error",
                    "-f",
                    "jpeg_pipe",
                    "-i",
                    "/in/source",
                    "-vf",
                    "scale=" + sides + ",format=rgb24",
                    "-f",
                    "rawvideo",
                    "pipe:1"};
  return Jail().run(task)->out;
}

}  // namespace

TEST_CASE("a photo becomes three JPEGs, upright, and without a trace of where it was taken [P15]") {
  Workshop shop;
  const auto source = test::make_jpeg_with_gps();
  REQUIRE(source.find("2020:01:02") != std::string::npos);
  const auto made = shop.process(source, 2);
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().message));
  const auto& manifest = made->manifest;
  CHECK(manifest.info.kind == MediaKind::photo);
  CHECK(manifest.info.width == 300);  // turned
  CHECK(manifest.info.height == 400);
  REQUIRE(manifest.photos.size() == 3);
  struct Row {
    const char* name;
    std::uint32_t width, height;
  };
  const Row rows[] = {{"large", 300, 400}, {"small", 240, 320}, {"teaser", 240, 320}};
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& still = manifest.photos[i];
    CHECK(still.name == rows[i].name);
    CHECK(still.width == rows[i].width);
    CHECK(still.height == rows[i].height);
    const auto path = shop.store.path(still.blob.digest);
    CHECK(test::ffprobe(path, "stream=width,height", {"-f", "jpeg_pipe"}) ==
          "width=" + std::to_string(still.width) + "\nheight=" + std::to_string(still.height) +
              "\n");
    CHECK(test::ffprobe(path, "frame_tags", {"-f", "jpeg_pipe"}).empty());
    const auto bytes = *shop.store.read(still.blob.digest, 1 << 20);
    for (const char* trace : {"2020:01:02", "Exif", "Lavc", "http"}) {
      CHECK(bytes.find(trace) == std::string::npos);
    }
  }
  CHECK(decode_manifest(*shop.store.read(made->stored.digest, kMaxManifestBytes)) == manifest);
  CHECK(shop.derived_blobs() == 4);
  CHECK(shop.is_work_empty());
}

TEST_CASE("the teaser knows no more of a photo than 24 pixels a side do [D16]") {
  // Black and white lines of two pixels: the photo shows them, its teaser is grey.
  Workshop shop;
  const auto made = shop.process(test::make_media(
      {"-f", "lavfi", "-i", "nullsrc=s=320x320,geq=lum='255*mod(floor(X/2),2)':cb=128:cr=128",
       "-frames:v", "1", "-pix_fmt", "rgb24", "-c:v", "png", "-f", "image2pipe"}));
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().message));
  const auto spread = [&](const Still& still) {
    const auto raw = pixels(shop, still, "320:320");
    double sum = 0, squares = 0;
    for (const char c : raw) {
      const double value = static_cast<unsigned char>(c);
      sum += value, squares += value * value;
    }
    const auto n = static_cast<double>(raw.size());
    return n == 0 ? -1 : std::sqrt(squares / n - sum / n * (sum / n));
  };
  CHECK(spread(made->manifest.photos[0]) > 90);
  CHECK(spread(made->manifest.photos[2]) >= 0);
  CHECK(spread(made->manifest.photos[2]) < 15);
}

TEST_CASE("PNG and WebP are admitted, large ones reduced, and holes are white") {
  Workshop png;
  const auto hole =
      png.process(test::make_media({"-f", "lavfi", "-i", "color=black@0.0:s=2000x500,format=rgba",
                                    "-frames:v", "1", "-c:v", "png", "-f", "image2pipe"}));
  REQUIRE_MESSAGE(hole.has_value(), (hole ? "" : hole.error().message));
  CHECK(hole->manifest.photos[0].width == 1280);
  CHECK(hole->manifest.photos[0].height == 320);
  const auto pixel = pixels(png, hole->manifest.photos[0], "1:1");
  REQUIRE(pixel.size() == 3);
  for (const char c : pixel) CHECK(static_cast<unsigned char>(c) > 250);

  Workshop webp;
  const auto made =
      webp.process(test::make_media({"-f", "lavfi", "-i", "testsrc2=s=200x100", "-frames:v", "1",
                                     "-c:v", "libwebp", "-f", "webp"}));
  REQUIRE_MESSAGE(made.has_value(), (made ? "" : made.error().message));
  CHECK(made->manifest.photos[0].width == 200);
}

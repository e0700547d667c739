#include "workers/media/ladder.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace fl::media;

TEST_CASE("a ladder never enlarges, keeps the shape, and has two rungs from 360 lines on") {
  struct Row {
    std::uint32_t width, height;
    std::vector<std::pair<std::uint32_t, std::uint32_t>> rungs;
  };
  const Row rows[] = {
      {3840, 2160, {{640, 360}, {1280, 720}, {1920, 1080}}},
      {1920, 1080, {{640, 360}, {1280, 720}, {1920, 1080}}},
      {1080, 1920, {{360, 640}, {720, 1280}, {1080, 1920}}},
      {1280, 720, {{640, 360}, {1280, 720}}},
      {854, 480, {{428, 240}, {854, 480}}},
      {640, 360, {{426, 240}, {640, 360}}},
      {426, 240, {{426, 240}}},
      {320, 180, {{320, 180}}},
      {17, 33, {{16, 32}}},
      {500, 500, {{240, 240}, {480, 480}}},
  };
  for (const auto& row : rows) {
    CAPTURE(row.width);
    CAPTURE(row.height);
    const auto rungs = ladder(row.width, row.height);
    REQUIRE(rungs.size() == row.rungs.size());
    for (std::size_t i = 0; i < rungs.size(); ++i) {
      CHECK(rungs[i].width == row.rungs[i].first);
      CHECK(rungs[i].height == row.rungs[i].second);
    }
  }
}

TEST_CASE("whatever the sides, rungs are even, within the source, and their names differ") {
  for (std::uint32_t width = 16; width <= 8192; width += 157) {
    for (std::uint32_t height = 16; height <= 6000; height += 133) {
      const auto rungs = ladder(width, height);
      CHECK(rungs.size() >= (std::min(width, height) >= 360 ? 2 : 1));
      for (std::size_t i = 0; i < rungs.size(); ++i) {
        const auto& rung = rungs[i];
        CHECK((rung.width % 2 == 0 && rung.height % 2 == 0));
        CHECK((rung.width <= width && rung.height <= height && rung.width && rung.height));
        CHECK((i == 0 || rungs[i - 1].max_kbps < rung.max_kbps));
        CHECK((i == 0 || rungs[i - 1].name != rung.name));
      }
    }
  }
}

TEST_CASE("frame rates become broadcast rates, or whole numbers, and at most 60") {
  struct Row {
    Ratio average, expected;
  };
  for (const auto& row :
       {Row{{30, 1}, {30, 1}}, Row{{30000, 1001}, {30000, 1001}}, Row{{2963, 100}, {30000, 1001}},
        Row{{24, 1}, {24, 1}}, Row{{15, 1}, {15, 1}}, Row{{120, 1}, {60, 1}}, Row{{1, 10}, {1, 1}},
        Row{{123, 10}, {12, 1}}, Row{{60000, 1001}, {60000, 1001}}}) {
    CAPTURE(row.average.num);
    CHECK(output_frame_rate(row.average) == row.expected);
  }
}

TEST_CASE("a preview is at most 20 seconds and never more than a quarter of the work [D17]") {
  CHECK(preview_frames(6'000, {30, 1}) == 45);
  CHECK(preview_frames(3'600'000, {30, 1}) == 600);
  CHECK(preview_frames(80'000, {25, 1}) == 500);
  CHECK(preview_frames(100, {30, 1}) == 0);
  for (std::int64_t ms = 1; ms < 100'000; ms += 37) {
    for (const Ratio rate : {Ratio{30, 1}, Ratio{30000, 1001}, Ratio{24, 1}, Ratio{1, 1}}) {
      const auto frames = preview_frames(ms, rate);
      CHECK(frames * 4000 * rate.den <= static_cast<std::uint64_t>(ms) * rate.num);
    }
  }
}

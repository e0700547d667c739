#include "workers/media/ladder.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

#include "core/base/assert.hpp"

namespace fl::media {
namespace {

constexpr std::int64_t kPreviewMs = 20'000;

std::uint32_t max_kbps(std::uint32_t shorter) {
  struct Step {
    std::uint32_t shorter, kbps;
  };
  constexpr std::array<Step, 5> kSteps = {
      {{240, 350}, {360, 850}, {480, 1400}, {720, 2800}, {1080, 5000}}};
  for (const auto& step : kSteps) {
    if (shorter <= step.shorter) return step.kbps;
  }
  return kSteps.back().kbps;
}

std::uint32_t even(std::uint64_t side) {
  return static_cast<std::uint32_t>(std::max<std::uint64_t>(side & ~std::uint64_t{1}, 2));
}

}  // namespace

Rung rung_of(std::uint32_t width, std::uint32_t height, std::uint32_t shorter) {
  FL_ASSERT(width > 0 && height > 0);
  const std::uint64_t least = std::min(width, height);
  const std::uint64_t most = std::max(width, height);
  shorter = static_cast<std::uint32_t>(std::min<std::uint64_t>(shorter, least));
  const auto small = even(shorter);
  const auto nearest = (most * shorter + least) / (2 * least) * 2;
  const auto large = std::min(even(most), even(nearest));
  return width < height ? Rung{std::to_string(shorter), small, large, max_kbps(shorter)}
                        : Rung{std::to_string(shorter), large, small, max_kbps(shorter)};
}

std::vector<Rung> ladder(std::uint32_t width, std::uint32_t height) {
  const auto shorter = std::min(width, height);
  std::vector<std::uint32_t> steps;
  if (shorter >= 1080) {
    steps = {360, 720, 1080};
  } else if (shorter >= 720) {
    steps = {360, 720};
  } else if (shorter >= 480) {
    steps = {240, 480};
  } else if (shorter >= 360) {
    steps = {240, 360};
  } else {
    steps = {std::min<std::uint32_t>(shorter, 240)};
  }
  std::vector<Rung> rungs;
  for (const auto step : steps) rungs.push_back(rung_of(width, height, step));
  return rungs;
}

Ratio output_frame_rate(Ratio average) {
  FL_ASSERT(average.num > 0 && average.den > 0);
  const double rate = static_cast<double>(average.num) / average.den;
  constexpr std::array<Ratio, 8> kBroadcast = {
      {{24, 1}, {24000, 1001}, {25, 1}, {30, 1}, {30000, 1001}, {50, 1}, {60, 1}, {60000, 1001}}};
  Ratio nearest{};
  double least = 0.02;
  for (const auto& candidate : kBroadcast) {
    const double distance = std::abs(rate * candidate.den / candidate.num - 1);
    if (distance < least) {
      least = distance;
      nearest = candidate;
    }
  }
  if (nearest.num != 0) return nearest;
  return {static_cast<std::uint32_t>(std::clamp(rate + 0.5, 1.0, 60.0)), 1};
}

std::uint64_t preview_frames(std::int64_t duration_ms, Ratio rate) {
  const auto length = static_cast<std::uint64_t>(std::min(kPreviewMs, duration_ms / 4));
  return length * rate.num / (std::uint64_t{rate.den} * 1000);
}

}  // namespace fl::media

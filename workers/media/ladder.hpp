#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "workers/media/media_info.hpp"

namespace fl::media {

struct Rung {
  std::string name;  ///< its shorter side: "360"
  std::uint32_t width = 0;
  std::uint32_t height = 0;  ///< both even
  std::uint32_t max_kbps = 0;
  bool operator==(const Rung&) const = default;
};

/// Both sides scaled so that the shorter one is `shorter`, even, never above the source's own
/// (rounded down to even), never below 2.
Rung rung_of(std::uint32_t width, std::uint32_t height, std::uint32_t shorter);

/// The smallest first. Two or more from a shorter side of 360 on, one below; never upscaled.
std::vector<Rung> ladder(std::uint32_t width, std::uint32_t height);

/// The constant rate that a source's average becomes: the nearest broadcast rate within 2 %, else
/// a whole number; at most 60, at least 1.
Ratio output_frame_rate(Ratio average);

/// How many frames a preview has: 20 s, but never more than a quarter of the work. May be 0.
std::uint64_t preview_frames(std::int64_t duration_ms, Ratio rate);

}  // namespace fl::media

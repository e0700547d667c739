#pragma once

#include <cstdint>

namespace fl::media {

/// What a source may be. Every bound on admission stands here.
struct MediaLimits {
  std::uint64_t max_bytes = 8ULL << 30;
  std::uint64_t max_pixels = 50'000'000;  ///< of one picture; ffmpeg's own -max_pixels too
  std::uint32_t min_side = 16;
  std::uint32_t max_side = 8192;
  std::int64_t min_duration_ms = 100;
  std::int64_t max_duration_ms = 4LL * 3600 * 1000;
  std::uint32_t max_frame_rate = 120;
  std::uint32_t max_streams = 8;
  std::uint32_t max_chunks = 65'536;  ///< of one upload
};

}  // namespace fl::media

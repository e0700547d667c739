#pragma once

#include <cstdint>
#include <string>

#include "workers/media/sniff.hpp"

namespace fl::media {

struct Ratio {
  std::uint32_t num = 0;
  std::uint32_t den = 1;
  bool operator==(const Ratio&) const = default;
};

/// What a source is, as it is to be shown: rotation and pixel shape are applied to its sides.
struct MediaInfo {
  MediaKind kind = MediaKind::photo;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::int64_t duration_ms = 0;  ///< 0 for a photo
  Ratio frame_rate;              ///< frames a second; 0/1 for a photo
  bool has_audio = false;
  std::string video_codec;  ///< ffmpeg's name; a photo's too
  std::string audio_codec;  ///< empty without audio
  bool operator==(const MediaInfo&) const = default;
};

}  // namespace fl::media

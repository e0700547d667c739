#pragma once

#include <cstdint>
#include <stop_token>
#include <string_view>

#include "core/base/error.hpp"
#include "workers/media/jail.hpp"
#include "workers/media/media_info.hpp"
#include "workers/media/source.hpp"

namespace fl::media {

struct Probed {
  MediaInfo info;
  int video_stream = 0;
  int audio_stream = -1;               ///< -1: none
  std::int64_t video_duration_ms = 0;  ///< of the video stream alone; 0 when the file does not say
};

/// Asks ffprobe, inside the jail. Refusals are malformed with field `file`: `media_unreadable`,
/// `media_no_video`, `media_codec_unsupported`, `media_too_many_streams`, `media_too_many_pixels`,
/// `media_sides_out_of_range`, `media_duration_out_of_range`, `media_frame_rate_out_of_range`,
/// `media_too_costly`. Else unavailable `jail_unavailable`, retry `media_not_in_time`,
/// `media_cancelled`.
Result<Probed> probe(const Jail& jail, const Source& source, const MediaLimits& limits,
                     std::stop_token stop = {});

/// The pure part: what ffprobe's JSON says, held against the limits. A photo's sides are those of
/// its decoded picture.
Result<Probed> read_probe(std::string_view json, MediaKind kind, const MediaLimits& limits);

}  // namespace fl::media

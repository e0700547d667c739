#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "workers/media/jail.hpp"
#include "workers/media/probe.hpp"
#include "workers/media/transcode.hpp"

namespace fl::media {

/// A JPEG in the output folder, not yet a blob.
struct StillFile {
  std::string name;
  std::string file;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
};

/// "poster": the most telling frame of the preview's part, without its first twentieth and without
/// black frames while there are others; of key frames if there are any. It is public, so it shows
/// nothing that the preview does not. A video without a preview gives its first frame.
Result<StillFile> make_poster(const Jail& jail, const Source& source, const Probed& probed,
                              const VideoPlan& plan, const MediaLimits& limits,
                              const std::string& out, std::stop_token stop = {});

/// "large" and "small" (long side at most 1280 and 320, never enlarged) and "teaser", which knows
/// no more of the photo than a reduction to 24 pixels. Upright, on white, without metadata.
Result<std::vector<StillFile>> make_photo_sizes(const Jail& jail, const Source& source,
                                                const Probed& probed, const MediaLimits& limits,
                                                const std::string& out, std::stop_token stop = {});

}  // namespace fl::media

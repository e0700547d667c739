#pragma once

#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "workers/media/jail.hpp"
#include "workers/media/ladder.hpp"
#include "workers/media/probe.hpp"
#include "workers/media/source.hpp"

namespace fl::media {

/// Percent of one step, 0 to 100, never falling. Called from the thread that runs the step.
using Progress = std::function<void(int)>;

/// What is to be made of a video. The same source gives the same plan, and on one machine the same
/// bytes.
struct VideoPlan {
  std::vector<Rung> rungs;
  Ratio rate;
  bool audio = false;
  std::uint64_t preview_frames = 0;  ///< 0: no preview
  Rung preview;
  std::int64_t preview_us() const;
};
VideoPlan plan_video(const MediaInfo& info);

/// ffmpeg's arguments: one decode, then each rendition, the shared sound and the preview.
std::vector<std::string> transcode_arguments(const Source& source, const Probed& probed,
                                             const VideoPlan& plan, const MediaLimits& limits);

/// Writes `rendition_file(rung)`, kAudioFile and kPreviewFile, as planned, to the folder `out`.
/// Errors: those of explain_failure, unavailable `jail_unavailable`.
Status transcode(const Jail& jail, const Source& source, const Probed& probed,
                 const VideoPlan& plan, const MediaLimits& limits, const std::string& out,
                 const Progress& progress, std::stop_token stop = {});

std::string rendition_file(const Rung& rung);
inline constexpr const char* kAudioFile = "audio.mp4";
inline constexpr const char* kPreviewFile = "preview.mp4";

}  // namespace fl::media

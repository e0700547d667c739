#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "workers/media/jail.hpp"
#include "workers/media/media_limits.hpp"
#include "workers/media/sniff.hpp"

namespace fl::media {

/// A file of a user's, whole, sniffed, and not yet trusted in anything.
struct Source {
  std::string path;
  Sniffed sniffed;
};

/// ffmpeg's and ffprobe's options for reading a source inside the jail, up to its name: a forced
/// demuxer, and short lists of demuxers, protocols and decoders.
std::vector<std::string> reading_options(const Source& source, const MediaLimits& limits);

/// Whether a decoder for this codec is on the list.
bool is_accepted_codec(const std::string& name, MediaKind kind);
bool is_accepted_audio_codec(const std::string& name);

/// Not the file's fault: the machine did not give the program what every file may cost.
inline constexpr const char* kNotInTime = "media_not_in_time";

/// What it means that a program did not read or convert a source to its end: the file's fault
/// (malformed `media_unreadable`, `media_too_many_pixels`, `media_codec_unsupported`,
/// `media_too_costly`, field `file`), or not (retry `media_not_in_time`, `media_cancelled`).
Failure explain_failure(const JailOutcome& outcome);

}  // namespace fl::media

#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>

#include "workers/media/media_manifest.hpp"

namespace fl::media {

/// One address in a media playlist: a segment, or the init part when there is no number.
struct SegmentName {
  const Track& track;
  std::optional<std::size_t> index;
  /// "init.mp4", "0.m4s", "1.m4s", …
  std::string file() const;
};

/// The bytes that a name stands for, or nothing: for serving a segment. Every file name but the one
/// spelling of each (`file()`) gives nothing.
std::optional<ByteRange> find_segment(const Track& track, const std::string& file);

/// The rendition or audio track of this name, or null.
const Track* find_track(const MediaManifest& manifest, const std::string& name);

/// The HLS master playlist. `address` gives each track's media playlist its URI; URIs must hold
/// neither quotes nor line breaks.
std::string master_playlist(const MediaManifest& manifest,
                            const std::function<std::string(const Track&)>& address);

/// The media playlist of one track, whole (VOD); each segment has an address of its own.
std::string media_playlist(const Track& track,
                           const std::function<std::string(const SegmentName&)>& address);

}  // namespace fl::media

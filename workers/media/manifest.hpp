#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "workers/media/media_manifest.hpp"

namespace fl::media {

inline constexpr std::size_t kMaxManifestBytes = 16U << 20;

/// Canonical JSON: sorted keys, no space, one encoding a manifest.
std::string encode_manifest(const MediaManifest& manifest);

/// Strict: what it accepts encodes to the same bytes again, and every table in it is consistent
/// (segments join without gap inside their pack, a video has renditions and a poster, …).
/// Errors: malformed `manifest_malformed`, `manifest_version_unknown`, field the member at fault.
Result<MediaManifest> decode_manifest(std::string_view bytes);

/// The derived blobs, without the source's chunks and the manifest itself: what to remove when the
/// media is forgotten, unless another manifest names them too (equal bytes are one blob).
std::vector<Digest> forget(const MediaManifest& manifest);

/// Peak and average bits a second of a segment table, as RFC 8216 defines them for playlists: the
/// peak over runs of segments that last 0.5 to 1.5 target durations.
struct Bandwidth {
  std::uint64_t peak = 0;
  std::uint64_t average = 0;
};
Bandwidth measure_bandwidth(const std::vector<Segment>& segments);

/// The longest segment in seconds, rounded to the nearest: EXT-X-TARGETDURATION.
std::int64_t target_duration(const std::vector<Segment>& segments);

}  // namespace fl::media

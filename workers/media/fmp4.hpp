#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "workers/media/media_manifest.hpp"

namespace fl::media {

/// Where the parts of one fragmented MP4 file stand.
struct PackIndex {
  ByteRange init;  ///< ftyp and moov
  std::vector<Segment> segments;
  std::string codecs;  ///< RFC 6381: "avc1.64001e" or "mp4a.40.2"
  std::int64_t duration_us() const;
};

/// Reads the table of a pack that ffmpeg has written: one segment a `moof` and its `mdat`, with the
/// exact length that its samples add up to, and its SHA-256. The file comes out of the jail and is
/// not trusted: every size is checked and bounded. No link is followed. Error: unavailable
/// `media_derivation_failed` (the file is not as our encoder writes it), or of the storage.
Result<PackIndex> index_pack(const std::string& path);

}  // namespace fl::media

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/sha256.hpp"
#include "core/blobs/blob_writer.hpp"
#include "workers/media/media_info.hpp"

namespace fl::media {

using BlobRef = blobs::StoredBlob;

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  bool operator==(const ByteRange&) const = default;
};

struct Segment {
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  std::int64_t duration_us = 0;
  Digest digest;  ///< SHA-256 of its bytes
  bool operator==(const Segment&) const = default;
};

/// One pack blob: an init part, then segments without gap.
struct Track {
  std::string name;                     ///< "360", "1080"; "audio"
  std::string codecs;                   ///< RFC 6381
  std::uint64_t bandwidth = 0;          ///< bits a second, peak, as measured (RFC 8216, 4.1)
  std::uint64_t average_bandwidth = 0;  ///< bits a second, over the whole
  BlobRef pack;
  ByteRange init;
  std::vector<Segment> segments;
  bool operator==(const Track&) const = default;
};

struct Rendition {
  Track track;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  Ratio frame_rate;
  bool operator==(const Rendition&) const = default;
};

/// A derived JPEG.
struct Still {
  std::string name;  ///< "poster"; of a photo "large", "small" and "teaser"
  BlobRef blob;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool operator==(const Still&) const = default;
};

struct PreviewClip {
  BlobRef blob;
  std::int64_t duration_ms = 0;
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  bool operator==(const PreviewClip&) const = default;
};

/// Everything that was made of one upload. Its encoding is stored as a blob of its own, and the
/// digest of that blob is what the ledger commits to.
struct MediaManifest {
  static constexpr std::uint32_t kVersion = 1;

  BlobRef source;  ///< of all its bytes; the source itself stands in the store as chunks
  MediaInfo info;
  std::vector<Rendition> renditions;   ///< of a video, the smallest first
  std::optional<Track> audio;          ///< of a video with sound
  std::optional<Still> poster;         ///< of a video, from its preview's part alone
  std::optional<PreviewClip> preview;  ///< of a video of which a quarter is at least a frame
  std::vector<Still> photos;           ///< of a photo: large, small, teaser
  bool operator==(const MediaManifest&) const = default;
};

}  // namespace fl::media

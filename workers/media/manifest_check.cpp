#include "workers/media/manifest_check.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "workers/media/manifest.hpp"

namespace fl::media {
namespace {

constexpr std::size_t kMaxRenditions = 8;
constexpr std::size_t kMaxSegments = 20'000;
constexpr std::uint64_t kMaxBlob = 1ULL << 40;

Status wrong(std::string field, std::string message) {
  return fail(ErrorClass::malformed, "manifest_malformed", std::move(field), std::move(message));
}

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= 16 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  });
}
/// These end in playlists, between quotes.
bool is_codec(std::string_view text, std::size_t least) {
  return text.size() >= least && text.size() <= 32 &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '.' || c == '_';
         });
}
bool is_blob(const BlobRef& blob) {
  return !blob.digest.is_zero() && blob.size > 0 && blob.size <= kMaxBlob;
}
bool is_picture(std::uint32_t width, std::uint32_t height) {
  return width > 0 && height > 0 && width <= 65'535 && height <= 65'535;
}
bool is_rate(Ratio rate) {
  return rate.num > 0 && rate.den > 0;
}

Status check_track(const Track& track) {
  if (!is_name(track.name)) return wrong("name", "A track's name is not well formed.");
  if (!is_codec(track.codecs, 1)) return wrong("codecs", "A track's codecs are not well formed.");
  if (!is_blob(track.pack)) return wrong("pack", "A track has no pack.");
  if (track.init.offset != 0 || track.init.size == 0 || track.init.size > track.pack.size) {
    return wrong("init", "The init part is not at the start of its pack.");
  }
  if (track.segments.empty() || track.segments.size() > kMaxSegments) {
    return wrong("segments", "A track has no segments, or too many.");
  }
  auto at = track.init.size;
  for (const auto& segment : track.segments) {
    if (segment.offset != at || segment.size == 0 || segment.size > track.pack.size - at ||
        segment.duration_us <= 0 || segment.duration_us > 60'000'000 || segment.digest.is_zero()) {
      return wrong("segments", "The segments do not join.");
    }
    at += segment.size;
  }
  if (at != track.pack.size) return wrong("segments", "The segments do not fill their pack.");
  const auto measured = measure_bandwidth(track.segments);
  if (track.bandwidth != measured.peak || track.average_bandwidth != measured.average) {
    return wrong("bandwidth", "A bandwidth is not that of the segments.");
  }
  return {};
}

Status check_still(const Still& still) {
  if (!is_name(still.name)) return wrong("name", "A still's name is not well formed.");
  if (!is_blob(still.blob) || !is_picture(still.width, still.height)) {
    return wrong(still.name, "A still is not well formed.");
  }
  return {};
}

Status check_video(const MediaManifest& manifest) {
  const auto& info = manifest.info;
  if (info.duration_ms <= 0 || !is_rate(info.frame_rate)) {
    return wrong("info", "A video has a length and a frame rate.");
  }
  if (info.has_audio != manifest.audio.has_value() || info.has_audio == info.audio_codec.empty()) {
    return wrong("audio", "There is sound exactly where there is an audio track.");
  }
  if (manifest.renditions.empty() || manifest.renditions.size() > kMaxRenditions) {
    return wrong("renditions", "A video has renditions.");
  }
  std::set<std::string> names;
  for (const auto& rendition : manifest.renditions) {
    if (auto status = check_track(rendition.track); !status) return status;
    if (!names.insert(rendition.track.name).second) return wrong("name", "Two have one name.");
    if (!is_picture(rendition.width, rendition.height) || !is_rate(rendition.frame_rate)) {
      return wrong("renditions", "A rendition has sides and a frame rate.");
    }
  }
  if (manifest.audio) {
    if (auto status = check_track(*manifest.audio); !status) return status;
    if (!names.insert(manifest.audio->name).second) return wrong("name", "Two have one name.");
  }
  if (!manifest.poster) return wrong("poster", "A video has a poster.");
  if (auto status = check_still(*manifest.poster); !status) return status;
  if (const auto& preview = manifest.preview) {
    if (!is_blob(preview->blob) || !is_picture(preview->width, preview->height) ||
        preview->duration_ms < 0 || preview->duration_ms > info.duration_ms / 4) {
      return wrong("preview", "A preview is at most a quarter of the work.");
    }
  }
  if (!manifest.photos.empty()) return wrong("photos", "A video has no photo sizes.");
  return {};
}

Status check_photo(const MediaManifest& manifest) {
  const auto& info = manifest.info;
  if (info.duration_ms != 0 || info.frame_rate != Ratio{} || info.has_audio ||
      !info.audio_codec.empty() || !manifest.renditions.empty() || manifest.audio ||
      manifest.poster || manifest.preview) {
    return wrong("info", "A photo has nothing of a video.");
  }
  const std::vector<std::string> expected = {"large", "small", "teaser"};
  std::vector<std::string> found;
  for (const auto& still : manifest.photos) {
    if (auto status = check_still(still); !status) return status;
    found.push_back(still.name);
  }
  if (found != expected) return wrong("photos", "A photo has three sizes.");
  return {};
}

}  // namespace

Status check_manifest(const MediaManifest& manifest) {
  if (!is_blob(manifest.source)) return wrong("source", "The source is not well formed.");
  const auto& info = manifest.info;
  if (!is_picture(info.width, info.height) || !is_codec(info.video_codec, 1) ||
      !is_codec(info.audio_codec, 0)) {
    return wrong("info", "The description of the source is not well formed.");
  }
  return info.kind == MediaKind::video ? check_video(manifest) : check_photo(manifest);
}

}  // namespace fl::media

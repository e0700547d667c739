#include "workers/media/playlist.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/base/assert.hpp"
#include "workers/media/manifest.hpp"

namespace fl::media {
namespace {

constexpr const char* kHead = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-INDEPENDENT-SEGMENTS\n";

std::string checked(std::string uri) {
  FL_ASSERT(!uri.empty() && uri.find_first_of("\"\r\n") == std::string::npos);
  return uri;
}

/// Three decimals, as the specification asks.
std::string frame_rate(Ratio rate) {
  const auto thousandths = (std::uint64_t{rate.num} * 1000 + rate.den / 2) / rate.den;
  return fmt::format("{}.{:03}", thousandths / 1000, thousandths % 1000);
}

}  // namespace

std::string SegmentName::file() const {
  return index ? fmt::format("{}.m4s", *index) : "init.mp4";
}

std::optional<ByteRange> find_segment(const Track& track, const std::string& file) {
  if (file == "init.mp4") return track.init;
  std::size_t index = 0;
  std::size_t digits = 0;
  while (digits < file.size() && digits < 6 && file[digits] >= '0' && file[digits] <= '9') {
    index = index * 10 + static_cast<std::size_t>(file[digits++] - '0');
  }
  if (index >= track.segments.size() || file != SegmentName{track, index}.file()) {
    return std::nullopt;
  }
  return ByteRange{track.segments[index].offset, track.segments[index].size};
}

const Track* find_track(const MediaManifest& manifest, const std::string& name) {
  for (const auto& rendition : manifest.renditions) {
    if (rendition.track.name == name) return &rendition.track;
  }
  return manifest.audio && manifest.audio->name == name ? &*manifest.audio : nullptr;
}

std::string master_playlist(const MediaManifest& manifest,
                            const std::function<std::string(const Track&)>& address) {
  std::string out = kHead;
  const auto& audio = manifest.audio;
  if (audio) {
    out += fmt::format(
        "#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID=\"audio\",NAME=\"audio\",DEFAULT=YES,AUTOSELECT=YES,"
        "CHANNELS=\"2\",URI=\"{}\"\n",
        checked(address(*audio)));
  }
  for (const auto& rendition : manifest.renditions) {
    const auto& track = rendition.track;
    out += fmt::format(
        "#EXT-X-STREAM-INF:BANDWIDTH={},AVERAGE-BANDWIDTH={},CODECS=\"{}{}\",RESOLUTION={}x{},"
        "FRAME-RATE={}{}\n{}\n",
        track.bandwidth + (audio ? audio->bandwidth : 0),
        track.average_bandwidth + (audio ? audio->average_bandwidth : 0), track.codecs,
        audio ? "," + audio->codecs : "", rendition.width, rendition.height,
        frame_rate(rendition.frame_rate), audio ? ",AUDIO=\"audio\"" : "", checked(address(track)));
  }
  return out;
}

std::string media_playlist(const Track& track,
                           const std::function<std::string(const SegmentName&)>& address) {
  std::string out = kHead;
  out += fmt::format(
      "#EXT-X-TARGETDURATION:{}\n#EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-PLAYLIST-TYPE:VOD\n"
      "#EXT-X-MAP:URI=\"{}\"\n",
      target_duration(track.segments), checked(address({track, std::nullopt})));
  for (std::size_t i = 0; i < track.segments.size(); ++i) {
    const auto us = track.segments[i].duration_us;
    out += fmt::format("#EXTINF:{}.{:06},\n{}\n", us / 1'000'000, us % 1'000'000,
                       checked(address({track, i})));
  }
  return out + "#EXT-X-ENDLIST\n";
}

}  // namespace fl::media

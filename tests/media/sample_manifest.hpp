#pragma once

#include "workers/media/manifest.hpp"

namespace fl::test {

inline media::Track sample_track(const std::string& name, const std::string& codecs) {
  media::Track track;
  track.name = name;
  track.codecs = codecs;
  track.init = {0, 700};
  std::uint64_t at = 700;
  for (const std::int64_t us : {2'000'000, 2'000'000, 1'300'000}) {
    const std::uint64_t size = 250'000 + at % 7;
    track.segments.push_back({at, size, us, sha256(name + std::to_string(at))});
    at += size;
  }
  track.pack = {sha256("pack " + name), at};
  const auto measured = media::measure_bandwidth(track.segments);
  track.bandwidth = measured.peak;
  track.average_bandwidth = measured.average;
  return track;
}

inline media::MediaManifest sample_video() {
  media::MediaManifest manifest;
  manifest.source = {sha256("source"), 1'000'000};
  manifest.info = {media::MediaKind::video, 1280, 720, 5300, {30000, 1001}, true, "h264", "aac"};
  manifest.renditions = {{sample_track("360", "avc1.64001e"), 640, 360, {30000, 1001}},
                         {sample_track("720", "avc1.64001f"), 1280, 720, {30000, 1001}}};
  manifest.audio = sample_track("audio", "mp4a.40.2");
  manifest.poster = media::Still{"poster", {sha256("poster"), 5000}, 1280, 720};
  manifest.preview = media::PreviewClip{{sha256("preview"), 90'000}, 1301, 854, 480};
  return manifest;
}

inline media::MediaManifest sample_photo() {
  media::MediaManifest manifest;
  manifest.source = {sha256("photo"), 1000};
  manifest.info = {media::MediaKind::photo, 400, 300, 0, {}, false, "mjpeg", ""};
  manifest.photos = {{"large", {sha256("l"), 300}, 400, 300},
                     {"small", {sha256("s"), 200}, 320, 240},
                     {"teaser", {sha256("t"), 100}, 320, 240}};
  return manifest;
}

}  // namespace fl::test

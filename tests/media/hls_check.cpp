#include "tests/media/hls_check.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "tests/support/temporary_directory.hpp"
#include "workers/media/jail.hpp"
#include "workers/media/playlist.hpp"

namespace fl::test {
namespace {

void write(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

void write_track(const blobs::BlobStore& store, const media::Track& track,
                 const std::string& folder) {
  std::filesystem::create_directory(folder);
  const auto pack = store.open_blob(track.pack.digest);
  write(folder + "/init.mp4", *pack->read(track.init.offset, track.init.size));
  for (std::size_t i = 0; i < track.segments.size(); ++i) {
    const auto& segment = track.segments[i];
    write(folder + "/" + media::SegmentName{track, i}.file(),
          *pack->read(segment.offset, segment.size));
  }
  write(folder + "/index.m3u8",
        media::media_playlist(track, [](const media::SegmentName& name) { return name.file(); }));
}

}  // namespace

Played play(const blobs::BlobStore& store, const media::MediaManifest& manifest,
            std::size_t rendition) {
  const TemporaryDirectory folder;
  for (const auto& each : manifest.renditions) {
    write_track(store, each.track, folder / each.track.name);
  }
  if (manifest.audio) write_track(store, *manifest.audio, folder / manifest.audio->name);
  write(folder / "master.m3u8", media::master_playlist(manifest, [](const media::Track& track) {
          return track.name + "/index.m3u8";
        }));
  media::JailTask task;
  task.output = folder.path();
  task.arguments = {"/usr/bin/ffmpeg",
                    "-nostdin",
                    "-v",
                    "warning",
                    "-progress",
                    "pipe:1",
                    "-i",
                    "/out/master.m3u8",
                    "-map",
                    "0:v:" + std::to_string(rendition)};
  if (manifest.audio) task.arguments.insert(task.arguments.end(), {"-map", "0:a:0"});
  task.arguments.insert(task.arguments.end(), {"-f", "null", "-"});
  const auto outcome = media::Jail().run(task);
  if (!outcome) return {false, outcome.error().message, 0, 0};
  Played played{outcome->succeeded() && outcome->errors.empty(), outcome->errors, 0, 0};
  const auto last = [&](std::string_view key) {
    const auto at = outcome->out.rfind(key);
    return at == std::string::npos ? std::string() : outcome->out.substr(at + key.size(), 20);
  };
  played.frames = std::strtol(last("frame=").c_str(), nullptr, 10);
  played.seconds = std::strtod(last("out_time_us=").c_str(), nullptr) / 1e6;
  return played;
}

}  // namespace fl::test

#include "workers/media/stills.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <system_error>

namespace fl::media {
namespace {

using Arguments = std::vector<std::string>;

constexpr std::uint32_t kLargeSide = 1280;
constexpr std::uint32_t kSmallSide = 320;
constexpr std::uint32_t kTeaserSide = 24;

struct Sides {
  std::uint32_t width, height;
};
/// Within a square of `side`, never enlarged.
Sides fit(const MediaInfo& info, std::uint32_t side) {
  const std::uint64_t longest = std::max(info.width, info.height);
  const std::uint64_t to = std::min<std::uint64_t>(side, longest);
  const auto scaled = [&](std::uint64_t own) {
    return static_cast<std::uint32_t>(
        std::max<std::uint64_t>((own * to + longest / 2) / longest, 1));
  };
  return {scaled(info.width), scaled(info.height)};
}
std::string scale(Sides to, const char* rest) {
  return fmt::format("scale={}:{}:flags=bicubic{}", to.width, to.height, rest);
}
constexpr const char* kJpeg = ":out_range=pc,setsar=1,format=yuvj420p";

void add(Arguments& arguments, std::initializer_list<std::string> more) {
  arguments.insert(arguments.end(), more);
}
void add_output(Arguments& arguments, const std::string& file) {
  add(arguments,
      {"-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact", "-flags:v",
       "+bitexact", "-frames:v", "1", "-c:v", "mjpeg", "-q:v", "3", "-f", "mjpeg", "/out/" + file});
}

JailTask still_task(const Source& source, const std::string& out, std::uint32_t cpu_seconds) {
  JailTask task;
  task.input = source.path;
  task.output = out;
  task.limits.wall = std::chrono::seconds(cpu_seconds);
  task.limits.cpu_seconds = cpu_seconds;
  task.limits.memory_bytes = 4ULL << 30;
  task.arguments = {"/usr/bin/ffmpeg", "-nostdin", "-hide_banner", "-v",
                    "error",           "-y",       "-threads",     "2"};
  return task;
}

bool is_there(const std::string& path) {
  std::error_code error;
  const auto status = std::filesystem::symlink_status(path, error);
  return !error && status.type() == std::filesystem::file_type::regular &&
         std::filesystem::file_size(path, error) > 0 && !error;
}

struct PosterAttempt {
  bool key_frames_only;
  bool no_black;
  bool first_frame;
};

}  // namespace

Result<StillFile> make_poster(const Jail& jail, const Source& source, const Probed& probed,
                              const VideoPlan& plan, const MediaLimits& limits,
                              const std::string& out, std::stop_token stop) {
  const auto sides = fit(probed.info, kLargeSide);
  const StillFile poster{"poster", "poster.jpg", sides.width, sides.height};
  const std::int64_t length_us = plan.preview_us();
  const std::int64_t skip_us = length_us / 20;
  // What each leaves empty-handed (no key frame in the part, all of it black) the next may find.
  constexpr PosterAttempt kAttempts[] = {
      {true, true, false}, {false, true, false}, {false, false, false}, {false, false, true}};
  for (const auto& attempt : kAttempts) {
    if (length_us == 0 && !attempt.first_frame) continue;
    auto task = still_task(source, out, 600);
    if (attempt.key_frames_only) add(task.arguments, {"-skip_frame", "nokey"});
    if (!attempt.first_frame) {
      add(task.arguments,
          {"-ss", fmt::format("{}us", skip_us), "-t", fmt::format("{}us", length_us - skip_us)});
    }
    const auto reading = reading_options(source, limits);
    task.arguments.insert(task.arguments.end(), reading.begin(), reading.end());
    std::string filter = fmt::format("[0:{}]", probed.video_stream);
    if (!attempt.first_frame && !attempt.key_frames_only) filter += "fps=4,";
    filter += scale(sides, kJpeg);
    if (attempt.no_black) {
      filter +=
          ",signalstats,metadata=mode=select:key=lavfi.signalstats.YAVG:value=24:"
          "function=greater";
    }
    // At most 100 reduced frames are held at once.
    if (!attempt.first_frame) filter += ",thumbnail=n=100";
    add(task.arguments, {"-i", "/in/source", "-filter_complex", filter + "[p]", "-map", "[p]"});
    add_output(task.arguments, poster.file);
    auto outcome = jail.run(task, stop);
    if (!outcome) return fail(outcome.error());
    if (outcome->end != JailEnd::exited) return explain_failure(*outcome);
    if (outcome->exit_code == 0 && is_there(out + "/" + poster.file)) return poster;
    if (attempt.first_frame) return explain_failure(*outcome);
  }
  return fail(ErrorClass::unavailable, "media_derivation_failed", "", "No poster was made.");
}

Result<std::vector<StillFile>> make_photo_sizes(const Jail& jail, const Source& source,
                                                const Probed& probed, const MediaLimits& limits,
                                                const std::string& out, std::stop_token stop) {
  const auto large = fit(probed.info, kLargeSide), small = fit(probed.info, kSmallSide);
  const auto tiny = fit(probed.info, kTeaserSide);
  const std::vector<StillFile> stills = {{"large", "large.jpg", large.width, large.height},
                                         {"small", "small.jpg", small.width, small.height},
                                         {"teaser", "teaser.jpg", small.width, small.height}};
  auto task = still_task(source, out, 120);
  const auto reading = reading_options(source, limits);
  task.arguments.insert(task.arguments.end(), reading.begin(), reading.end());
  // Half a JPEG would else be filled up with grey, and taken for the whole.
  add(task.arguments, {"-err_detect", "explode"});
  // Reduced first, so that the rest is cheap; then laid on white, where a picture has holes.
  const auto graph = fmt::format(
      "[0:{}]{},setsar=1,format=rgba[picture];color=c=white:s={}x{},format=rgb24[white];"
      "[white][picture]overlay=format=rgb,split=3[a][b][c];[a]{}[large];[b]{}[small];"
      "[c]{},{},gblur=sigma=6[teaser]",
      probed.video_stream, scale(large, ""), large.width, large.height, scale(large, kJpeg),
      scale(small, kJpeg), scale(tiny, ""), scale(small, kJpeg));
  add(task.arguments, {"-i", "/in/source", "-filter_complex", graph});
  for (const auto& still : stills) {
    add(task.arguments, {"-map", "[" + still.name + "]"});
    add_output(task.arguments, still.file);
  }
  auto outcome = jail.run(task, stop);
  if (!outcome) return fail(outcome.error());
  if (!outcome->succeeded()) return explain_failure(*outcome);
  return stills;
}

}  // namespace fl::media

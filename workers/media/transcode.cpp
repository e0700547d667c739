#include "workers/media/transcode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace fl::media {
namespace {

using Arguments = std::vector<std::string>;

void add(Arguments& arguments, std::initializer_list<std::string> more) {
  arguments.insert(arguments.end(), more);
}

/// A source's last sample may lie a little behind the stated end. Whatever lies further is cut:
/// a false time stamp must not be filled up with copied frames.
constexpr std::int64_t kTailMs = 1000;

std::string seconds_text(std::int64_t us) {
  return fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
}

std::string picture(const Rung& rung) {
  return fmt::format("scale={}:{}:flags=bicubic:out_range=tv,setsar=1,format=yuv420p", rung.width,
                     rung.height);
}

std::string filter_graph(const Probed& probed, const VideoPlan& plan) {
  const auto most_ms = probed.info.duration_ms + kTailMs;
  const auto most_frames =
      static_cast<std::uint64_t>(most_ms) * plan.rate.num / (plan.rate.den * 1000ULL) + 1;
  const bool preview = plan.preview_frames > 0;
  std::string graph = fmt::format("[0:{}]fps=fps={}/{}:start_time=0,trim=end_frame={},split={}",
                                  probed.video_stream, plan.rate.num, plan.rate.den, most_frames,
                                  plan.rungs.size() + (preview ? 1 : 0));
  for (std::size_t i = 0; i < plan.rungs.size(); ++i) graph += fmt::format("[s{}]", i);
  if (preview) graph += "[sp]";
  for (std::size_t i = 0; i < plan.rungs.size(); ++i) {
    graph += fmt::format(";[s{0}]{1}[v{0}]", i, picture(plan.rungs[i]));
  }
  if (preview) {
    graph +=
        fmt::format(";[sp]trim=end_frame={},{}[vp]", plan.preview_frames, picture(plan.preview));
  }
  if (plan.audio) {
    graph += fmt::format(
        ";[0:{}]aresample=48000:async=1:first_pts=0,"
        "aformat=channel_layouts=stereo,atrim=end={},asplit={}[a]{}",
        probed.audio_stream, seconds_text(most_ms * 1000), preview ? 2 : 1, preview ? "[sa]" : "");
    if (preview) graph += fmt::format(";[sa]atrim=end={}[ap]", seconds_text(plan.preview_us()));
  }
  return graph;
}

void add_clean(Arguments& arguments) {
  add(arguments, {"-map_metadata", "-1", "-map_chapters", "-1", "-fflags", "+bitexact"});
}
void add_video(Arguments& arguments, const std::string& label, const Rung& rung) {
  add(arguments,
      {"-map", label, "-c:v", "libx264", "-profile:v", "high", "-preset", "veryfast", "-crf", "23",
       "-maxrate", fmt::format("{}k", rung.max_kbps), "-bufsize",
       fmt::format("{}k", rung.max_kbps * 3 / 2), "-threads:v", "2", "-flags:v", "+bitexact"});
}
void add_audio(Arguments& arguments, const std::string& label) {
  add(arguments, {"-map", label, "-c:a", "aac", "-b:a", "128k", "-flags:a", "+bitexact"});
}

/// Room for each file: its highest rate over its length, and half as much again.
std::uint64_t file_bytes(const Probed& probed, const VideoPlan& plan) {
  const auto ms = static_cast<std::uint64_t>(probed.info.duration_ms + kTailMs);
  const std::uint64_t kbps = std::max<std::uint32_t>(plan.rungs.back().max_kbps, 256);
  return (16ULL << 20) + ms * kbps / 8 * 3 / 2;
}

JailLimits jail_limits(const Probed& probed, const VideoPlan& plan) {
  const auto cpu_s = std::min<std::int64_t>(600 + probed.info.duration_ms / 1000 * 40, 48 * 3600);
  JailLimits limits;
  limits.wall = std::chrono::seconds(cpu_s);
  limits.cpu_seconds = static_cast<std::uint32_t>(cpu_s);
  limits.memory_bytes = 6ULL << 30;
  limits.file_bytes = file_bytes(probed, plan);
  limits.output_bytes = limits.file_bytes * (plan.rungs.size() + 2);
  return limits;
}

}  // namespace

std::int64_t VideoPlan::preview_us() const {
  return static_cast<std::int64_t>(preview_frames * 1'000'000 * rate.den / rate.num);
}

std::string rendition_file(const Rung& rung) {
  return "v" + rung.name + ".mp4";
}

VideoPlan plan_video(const MediaInfo& info) {
  VideoPlan plan;
  plan.rungs = ladder(info.width, info.height);
  plan.rate = output_frame_rate(info.frame_rate);
  plan.audio = info.has_audio;
  plan.preview_frames = preview_frames(info.duration_ms, plan.rate);
  plan.preview = rung_of(info.width, info.height, 480);
  return plan;
}

Arguments transcode_arguments(const Source& source, const Probed& probed, const VideoPlan& plan,
                              const MediaLimits& limits) {
  Arguments arguments = {"/usr/bin/ffmpeg",
                         "-nostdin",
                         "-hide_banner",
                         "-v",
                         "error",
                         "-y",
                         "-progress",
                         "pipe:1",
                         "-stats_period",
                         "0.5",
                         "-filter_complex_threads",
                         "2",
                         "-threads",
                         "2"};
  const auto reading = reading_options(source, limits);
  arguments.insert(arguments.end(), reading.begin(), reading.end());
  add(arguments, {"-i", "/in/source", "-filter_complex", filter_graph(probed, plan)});
  for (std::size_t i = 0; i < plan.rungs.size(); ++i) {
    add_clean(arguments);
    add_video(arguments, fmt::format("[v{}]", i), plan.rungs[i]);
    // A key frame every two seconds and no other: each begins a fragment, and so a segment.
    add(arguments, {"-g", "600", "-sc_threshold", "0", "-force_key_frames",
                    "expr:gte(t,n_forced*2)", "-movflags",
                    "+frag_keyframe+empty_moov+default_base_moof+negative_cts_offsets+skip_trailer",
                    "-f", "mp4", "/out/" + rendition_file(plan.rungs[i])});
  }
  if (plan.audio) {
    add_clean(arguments);
    add_audio(arguments, "[a]");
    // The header is delayed so that its edit list hides the encoder's first, silent frame.
    add(arguments, {"-movflags", "+empty_moov+delay_moov+default_base_moof+skip_trailer",
                    "-frag_duration", "2000000", "-f", "mp4", std::string("/out/") + kAudioFile});
  }
  if (plan.preview_frames > 0) {
    add_clean(arguments);
    add_video(arguments, "[vp]", plan.preview);
    if (plan.audio) add_audio(arguments, "[ap]");
    add(arguments, {"-movflags", "+faststart", "-f", "mp4", std::string("/out/") + kPreviewFile});
  }
  return arguments;
}

Status transcode(const Jail& jail, const Source& source, const Probed& probed,
                 const VideoPlan& plan, const MediaLimits& limits, const std::string& out,
                 const Progress& progress, std::stop_token stop) {
  JailTask task;
  task.input = source.path;
  task.output = out;
  task.limits = jail_limits(probed, plan);
  task.arguments = transcode_arguments(source, probed, plan, limits);
  int last = -1;
  task.on_line = [&](std::string_view line) {
    constexpr std::string_view kKey = "out_time_us=";
    if (!progress || !line.starts_with(kKey)) return;
    std::int64_t us = 0;
    const auto read = std::from_chars(line.data() + kKey.size(), line.data() + line.size(), us);
    // What comes out of the jail is not trusted, not even a number.
    if (read.ec != std::errc() || us < 0) return;
    const auto percent = static_cast<int>(
        std::min<std::int64_t>(us / 10 / std::max<std::int64_t>(probed.info.duration_ms, 1), 100));
    if (percent > last) progress(last = percent);
  };
  auto outcome = jail.run(task, stop);
  if (!outcome) return fail(outcome.error());
  if (!outcome->succeeded()) return explain_failure(*outcome);
  return {};
}

}  // namespace fl::media

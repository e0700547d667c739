#include "workers/media/probe.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

namespace fl::media {
namespace {

using Json = nlohmann::json;

Failure refuse(std::string code, std::string message) {
  return fail(ErrorClass::malformed, std::move(code), "file", std::move(message));
}
Failure unreadable() {
  return refuse("media_unreadable", "The file is damaged, or not what it begins as.");
}

const Json& member(const Json& object, const char* name) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(name);
  return found == object.end() ? none : *found;
}
std::string text(const Json& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_string() ? value.get<std::string>() : std::string();
}
std::int64_t number(const Json& object, const char* name) {
  const auto& value = member(object, name);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

/// "12.345" as 12345; "00:00:12.345" too, as Matroska's tags have it. 0 for what is neither.
std::int64_t milliseconds(std::string_view value) {
  double total = 0;
  while (!value.empty()) {
    const auto part = value.substr(0, value.find(':'));
    double seconds = 0;
    const auto end = part.data() + part.size();
    const auto read = std::from_chars(part.data(), end, seconds);
    if (read.ec != std::errc() || read.ptr != end || !(seconds >= 0 && seconds < 1e7)) return 0;
    total = total * 60 + seconds;
    value.remove_prefix(std::min(value.size(), part.size() + 1));
  }
  return total < 1e9 ? std::llround(total * 1000) : 0;
}

/// "30000/1001" or "4:3".
Ratio ratio(std::string_view value, char separator) {
  const auto at = value.find(separator);
  if (at == std::string_view::npos) return {};
  Ratio read;
  const auto num = std::from_chars(value.data(), value.data() + at, read.num);
  const auto den = std::from_chars(value.data() + at + 1, value.data() + value.size(), read.den);
  if (num.ec != std::errc() || den.ec != std::errc() || read.num == 0 || read.den == 0) return {};
  return read;
}

const Json* find_video(const Json& streams) {
  for (const auto& stream : streams) {
    if (text(stream, "codec_type") != "video") continue;
    if (number(member(stream, "disposition"), "attached_pic") == 0) return &stream;
  }
  return nullptr;
}
const Json* find_audio(const Json& streams) {
  for (const auto& stream : streams) {
    if (text(stream, "codec_type") == "audio") return &stream;
  }
  return nullptr;
}

/// Degrees, from the display matrix of a stream or of a decoded frame.
std::int64_t rotation(const Json& holder) {
  for (const auto& data : member(holder, "side_data_list")) {
    if (member(data, "rotation").is_number_integer()) return number(data, "rotation");
  }
  return 0;
}

Status read_sides(const Json& stream, const Json& frame, const MediaLimits& limits,
                  MediaInfo& info) {
  const auto& holder = frame.is_object() ? frame : stream;
  auto width = number(holder, "width"), height = number(holder, "height");
  if (width <= 0 || height <= 0) return unreadable();
  // Bounded before they are multiplied.
  if (width > 1'000'000 || height > 1'000'000 ||
      static_cast<std::uint64_t>(width * height) > limits.max_pixels) {
    return refuse("media_too_many_pixels",
                  fmt::format("At most {} pixels are accepted.", limits.max_pixels));
  }
  const Ratio shape = ratio(text(stream, "sample_aspect_ratio"), ':');
  if (shape.num != 0 && info.kind == MediaKind::video) width = width * shape.num / shape.den;
  const auto degrees = rotation(frame.is_object() ? frame : stream);
  if (degrees % 180 != 0 && degrees % 90 == 0) std::swap(width, height);
  for (const auto side : {width, height}) {
    if (side < limits.min_side || side > limits.max_side) {
      return refuse(
          "media_sides_out_of_range",
          fmt::format("Sides of {} to {} pixels are accepted.", limits.min_side, limits.max_side));
    }
  }
  info.width = static_cast<std::uint32_t>(width);
  info.height = static_cast<std::uint32_t>(height);
  return {};
}

Status read_times(const Json& format, const Json& stream, const MediaLimits& limits,
                  Probed& probed) {
  probed.video_duration_ms = milliseconds(text(stream, "duration"));
  if (probed.video_duration_ms == 0) {
    probed.video_duration_ms = milliseconds(text(member(stream, "tags"), "DURATION"));
  }
  auto& info = probed.info;
  info.duration_ms = milliseconds(text(format, "duration"));
  if (info.duration_ms == 0) info.duration_ms = probed.video_duration_ms;
  if (info.duration_ms < limits.min_duration_ms || info.duration_ms > limits.max_duration_ms) {
    return refuse("media_duration_out_of_range",
                  fmt::format("Videos of {} ms to {} s are accepted, and their length must be "
                              "stated in the file.",
                              limits.min_duration_ms, limits.max_duration_ms / 1000));
  }
  info.frame_rate = ratio(text(stream, "avg_frame_rate"), '/');
  if (info.frame_rate.num == 0) info.frame_rate = ratio(text(stream, "r_frame_rate"), '/');
  if (info.frame_rate.num == 0 ||
      info.frame_rate.num > std::uint64_t{limits.max_frame_rate} * info.frame_rate.den) {
    return refuse("media_frame_rate_out_of_range",
                  fmt::format("At most {} frames a second are accepted.", limits.max_frame_rate));
  }
  return {};
}

}  // namespace

Result<Probed> read_probe(std::string_view json, MediaKind kind, const MediaLimits& limits) {
  const auto document = Json::parse(json, nullptr, false);
  const auto& streams = member(document, "streams");
  if (!streams.is_array() || streams.empty()) return unreadable();
  if (streams.size() > limits.max_streams) {
    return refuse("media_too_many_streams",
                  fmt::format("At most {} streams are accepted.", limits.max_streams));
  }
  const Json* video = find_video(streams);
  if (video == nullptr) return refuse("media_no_video", "There is no picture in the file.");
  Probed probed;
  probed.info.kind = kind;
  probed.info.video_codec = text(*video, "codec_name");
  probed.video_stream = static_cast<int>(number(*video, "index"));
  if (!is_accepted_codec(probed.info.video_codec, kind)) {
    return refuse("media_codec_unsupported", "Its way of coding pictures is not accepted.");
  }
  const auto& frames = member(document, "frames");
  if (kind == MediaKind::photo && (!frames.is_array() || frames.empty())) return unreadable();
  const Json frame = kind == MediaKind::photo ? frames.front() : Json();
  if (auto status = read_sides(*video, frame, limits, probed.info); !status) {
    return fail(status.error());
  }
  if (kind == MediaKind::photo) return probed;

  if (auto status = read_times(member(document, "format"), *video, limits, probed); !status) {
    return fail(status.error());
  }
  if (const Json* audio = find_audio(streams)) {
    probed.info.has_audio = true;
    probed.info.audio_codec = text(*audio, "codec_name");
    probed.audio_stream = static_cast<int>(number(*audio, "index"));
    if (!is_accepted_audio_codec(probed.info.audio_codec)) {
      return refuse("media_codec_unsupported", "Its way of coding sound is not accepted.");
    }
  }
  return probed;
}

Result<Probed> probe(const Jail& jail, const Source& source, const MediaLimits& limits,
                     std::stop_token stop) {
  const bool photo = source.sniffed.kind == MediaKind::photo;
  JailTask task;
  task.input = source.path;
  task.limits.wall = std::chrono::seconds(30);
  task.limits.cpu_seconds = 30;
  task.arguments = {
      "/usr/bin/ffprobe", "-v",       "error",         "-probesize",     "20000000",
      "-analyzeduration", "10000000", "-print_format", "json=compact=1", "-show_streams",
      "-show_format"};
  if (photo) {
    // A photo is decoded here, so that its real sides and its orientation are known.
    const auto frame = {"-show_frames", "-read_intervals", "%+#1"};
    task.arguments.insert(task.arguments.end(), frame.begin(), frame.end());
  }
  const auto reading = reading_options(source, limits);
  task.arguments.insert(task.arguments.end(), reading.begin(), reading.end());
  task.arguments.push_back("/in/source");
  auto outcome = jail.run(task, stop);
  if (!outcome) return fail(outcome.error());
  // A decoder that refused the size of a picture leaves ffprobe satisfied.
  if (!outcome->succeeded() || outcome->errors.find("Picture size") != std::string::npos) {
    return explain_failure(*outcome);
  }
  return read_probe(outcome->out, source.sniffed.kind, limits);
}

}  // namespace fl::media

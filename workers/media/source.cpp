#include "workers/media/source.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <array>
#include <string_view>

namespace fl::media {
namespace {

struct Codec {
  std::string_view name;      ///< as ffprobe reports it
  std::string_view decoders;  ///< as -codec_whitelist wants them
};
constexpr std::array<Codec, 8> kVideoCodecs = {{{"h264", "h264"},
                                                {"hevc", "hevc"},
                                                {"vp8", "vp8"},
                                                {"vp9", "vp9"},
                                                {"av1", "libdav1d"},
                                                {"mpeg4", "mpeg4"},
                                                {"prores", "prores"},
                                                {"mjpeg", "mjpeg"}}};
constexpr std::array<Codec, 3> kPhotoCodecs = {
    {{"mjpeg", "mjpeg"}, {"png", "png"}, {"webp", "webp"}}};
constexpr std::array<Codec, 9> kAudioCodecs = {{{"aac", "aac"},
                                                {"mp3", "mp3float"},
                                                {"opus", "opus"},
                                                {"vorbis", "vorbis"},
                                                {"flac", "flac"},
                                                {"alac", "alac"},
                                                {"ac3", "ac3"},
                                                {"pcm_s16le", "pcm_s16le"},
                                                {"pcm_s16be", "pcm_s16be"}}};

template <std::size_t N>
bool has(const std::array<Codec, N>& codecs, std::string_view name) {
  return std::any_of(codecs.begin(), codecs.end(), [&](const Codec& c) { return c.name == name; });
}
template <std::size_t N>
void add_decoders(const std::array<Codec, N>& codecs, std::string& list) {
  for (const auto& codec : codecs) {
    list.append(list.empty() ? "" : ",").append(codec.decoders);
  }
}

}  // namespace

std::vector<std::string> reading_options(const Source& source, const MediaLimits& limits) {
  std::string decoders;
  if (source.sniffed.kind == MediaKind::photo) {
    add_decoders(kPhotoCodecs, decoders);
    // The still-WebP decoder hands its picture on to this one.
    decoders.append(",vp8");
  } else {
    add_decoders(kVideoCodecs, decoders);
    add_decoders(kAudioCodecs, decoders);
    // Never used, but ffprobe opens a decoder for each stream, and gives up when it may not.
    decoders.append(",mov_text,subrip,ass,ssa,webvtt,text,cc_dec");
  }
  return {"-protocol_whitelist",
          "file",
          "-format_whitelist",
          std::string(source.sniffed.formats),
          "-codec_whitelist",
          decoders,
          "-max_pixels",
          std::to_string(limits.max_pixels),
          "-f",
          std::string(source.sniffed.demuxer)};
}

bool is_accepted_codec(const std::string& name, MediaKind kind) {
  return kind == MediaKind::photo ? has(kPhotoCodecs, name) : has(kVideoCodecs, name);
}
bool is_accepted_audio_codec(const std::string& name) {
  return has(kAudioCodecs, name);
}

Failure explain_failure(const JailOutcome& outcome) {
  // What ffmpeg says quotes the file, and so may its log line: bounded, and for the operator alone.
  spdlog::info(fmt::format("media: a program in the jail {} with {}: {}", to_string(outcome.end),
                           outcome.exit_code, outcome.errors.substr(0, 400)));
  switch (outcome.end) {
    case JailEnd::cancelled:
      return fail(ErrorClass::retry, "media_cancelled", "", "The work was cancelled.");
    case JailEnd::deadline:
    case JailEnd::killed:
      return fail(ErrorClass::retry, kNotInTime, "",
                  "The file was not processed in time: the server was too busy.");
    case JailEnd::cpu_limit:
    case JailEnd::stdout_limit:
    case JailEnd::output_limit:
      return fail(ErrorClass::malformed, "media_too_costly", "file",
                  "Reading the file takes more time or space than a file may.");
    case JailEnd::exited:
      break;
  }
  constexpr std::string_view kSize = "Picture size ";
  const auto size = outcome.errors.find(kSize);
  if (size != std::string::npos && outcome.errors[size + kSize.size()] != '0') {
    return fail(ErrorClass::malformed, "media_too_many_pixels", "file",
                "The picture has more pixels than are accepted.");
  }
  if (outcome.errors.find("not on whitelist") != std::string::npos) {
    return fail(ErrorClass::malformed, "media_codec_unsupported", "file",
                "Its way of coding pictures or sound is not accepted.");
  }
  return fail(ErrorClass::malformed, "media_unreadable", "file",
              "The file is damaged, or not what it begins as.");
}

}  // namespace fl::media

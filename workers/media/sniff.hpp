#pragma once

#include <cstddef>
#include <string_view>

#include "core/base/error.hpp"

namespace fl::media {

enum class Container { mp4, quicktime, matroska, webm, jpeg, png, webp };
enum class MediaKind { photo, video };
const char* to_string(Container container);
const char* to_string(MediaKind kind);

struct Sniffed {
  Container container;
  MediaKind kind;
  std::string_view demuxer;  ///< ffmpeg's name, to be forced with -f
  std::string_view formats;  ///< what that demuxer calls itself, for -format_whitelist
};

inline constexpr std::size_t kSniffBytes = 4096;

/// What a file is by its first bytes (at most kSniffBytes are looked at; names play no part).
/// Refused, all malformed with field `file`: `media_empty`, and by what was found
/// `media_is_playlist`, `media_is_concat_script`, `media_is_svg`, `media_is_html`, `media_is_pdf`,
/// `media_is_text`, `media_is_heif`, `media_type_unknown`.
Result<Sniffed> sniff(std::string_view head);

}  // namespace fl::media

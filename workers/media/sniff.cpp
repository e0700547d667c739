#include "workers/media/sniff.hpp"

#include <fmt/format.h>
#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace fl::media {
namespace {

constexpr std::string_view kMovFormats = "mov,mp4,m4a,3gp,3g2,mj2";

Failure refuse(std::string code, std::string message) {
  return fail(ErrorClass::malformed, std::move(code), "file", std::move(message));
}

std::uint32_t big_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (const char c : bytes.substr(0, 4)) value = value << 8 | static_cast<std::uint8_t>(c);
  return value;
}

constexpr std::array<std::string_view, 21> kMp4Brands = {
    "isom", "iso2", "iso3", "iso4", "iso5", "iso6", "iso7", "iso8", "iso9", "mp41", "mp42",
    "avc1", "M4V ", "M4VH", "M4VP", "dash", "3gp4", "3gp5", "3gp6", "3g2a", "MSNV"};
constexpr std::array<std::string_view, 9> kHeifBrands = {"heic", "heix", "hevc", "heim", "heis",
                                                         "mif1", "msf1", "avif", "avis"};

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& list, std::string_view brand) {
  return std::find(list.begin(), list.end(), brand) != list.end();
}

/// The brands of an `ftyp` box: the major one decides, then the compatible ones.
Result<Sniffed> sniff_ftyp(std::string_view head) {
  const std::size_t size = big_endian(head);
  if (size < 16 || size > 1024 || size % 4 != 0) {
    return refuse("media_type_unknown", "The file type box is not well formed.");
  }
  const auto box = head.substr(0, size);
  const auto major = box.size() >= 12 ? box.substr(8, 4) : std::string_view();
  if (one_of(kHeifBrands, major)) {
    return refuse("media_is_heif", "HEIF and AVIF images are not accepted: send JPEG or PNG.");
  }
  for (std::size_t at = 8; at + 4 <= box.size(); at += at == 8 ? 8 : 4) {
    const auto brand = box.substr(at, 4);
    if (brand == "qt  ") return Sniffed{Container::quicktime, MediaKind::video, "mov", kMovFormats};
    if (one_of(kMp4Brands, brand)) {
      return Sniffed{Container::mp4, MediaKind::video, "mov", kMovFormats};
    }
  }
  return refuse("media_type_unknown", "This brand of MP4 is not accepted.");
}

/// EBML: the document type tells WebM from other Matroska. ffmpeg has one demuxer for both.
Result<Sniffed> sniff_ebml(std::string_view head) {
  const auto start = head.substr(0, 128);
  const auto type = start.find("\x42\x82");
  if (type != std::string_view::npos && type + 3 < start.size()) {
    const auto rest = start.substr(type + 3);
    if (rest.starts_with("webm")) {
      return Sniffed{Container::webm, MediaKind::video, "matroska", "matroska,webm"};
    }
    if (rest.starts_with("matroska")) {
      return Sniffed{Container::matroska, MediaKind::video, "matroska", "matroska,webm"};
    }
  }
  return refuse("media_type_unknown", "The file is EBML, but neither WebM nor Matroska.");
}

bool starts_with_any_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  return std::equal(lower.begin(), lower.end(), text.begin(), [](char a, char b) {
    return a == (b >= 'A' && b <= 'Z' ? static_cast<char>(b - 'A' + 'a') : b);
  });
}
bool contains_any_case(std::string_view text, std::string_view lower) {
  for (std::size_t i = 0; i + lower.size() <= text.size(); ++i) {
    if (starts_with_any_case(text.substr(i), lower)) return true;
  }
  return false;
}

bool is_text(std::string_view head) {
  return std::none_of(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<std::uint8_t>(c);
    return (byte < 32 && c != '\t' && c != '\n' && c != '\r' && c != '\f') || byte == 127;
  });
}

Failure name_the_unwelcome(std::string_view head) {
  auto text = head;
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.size(), text.find_first_not_of(" \t\r\n")));
  if (text.starts_with("#EXTM3U")) {
    return refuse("media_is_playlist", "A playlist is not a video: send the video itself.");
  }
  if (starts_with_any_case(text, "ffconcat")) {
    return refuse("media_is_concat_script", "A concatenation script is not a video.");
  }
  if (starts_with_any_case(text, "<svg") ||
      (starts_with_any_case(text, "<?xml") && contains_any_case(text, "<svg"))) {
    return refuse("media_is_svg", "SVG drawings are not accepted: send JPEG, PNG or WebP.");
  }
  if (starts_with_any_case(text, "<!doctype html") || starts_with_any_case(text, "<html")) {
    return refuse("media_is_html", "A web page is not a photo or a video.");
  }
  if (text.starts_with("%PDF-")) {
    return refuse("media_is_pdf", "A PDF document is not a photo or a video.");
  }
  if (is_text(head)) return refuse("media_is_text", "A text is not a photo or a video.");
  return refuse("media_type_unknown",
                "Neither MP4, QuickTime, Matroska, WebM, JPEG, PNG nor WebP was found in it.");
}

}  // namespace

const char* to_string(Container container) {
  switch (container) {
    case Container::mp4:
      return "mp4";
    case Container::quicktime:
      return "quicktime";
    case Container::matroska:
      return "matroska";
    case Container::webm:
      return "webm";
    case Container::jpeg:
      return "jpeg";
    case Container::png:
      return "png";
    case Container::webp:
      return "webp";
  }
  return "?";
}

const char* to_string(MediaKind kind) {
  return kind == MediaKind::photo ? "photo" : "video";
}

Result<Sniffed> sniff(std::string_view head) {
  using namespace std::string_view_literals;
  head = head.substr(0, kSniffBytes);
  if (head.empty()) return refuse("media_empty", "The file is empty.");
  if (head.size() >= 12 && head.substr(4, 4) == "ftyp") return sniff_ftyp(head);
  if (head.starts_with("\x1a\x45\xdf\xa3")) return sniff_ebml(head);
  if (head.starts_with("\xff\xd8\xff")) {
    return Sniffed{Container::jpeg, MediaKind::photo, "jpeg_pipe", "jpeg_pipe"};
  }
  if (head.starts_with("\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"sv)) {
    return Sniffed{Container::png, MediaKind::photo, "png_pipe", "png_pipe"};
  }
  if (head.starts_with("RIFF") && head.size() >= 16 && head.substr(8, 7) == "WEBPVP8") {
    return Sniffed{Container::webp, MediaKind::photo, "webp_pipe", "webp_pipe"};
  }
  return name_the_unwelcome(head);
}

}  // namespace fl::media

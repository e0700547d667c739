#include "workers/media/sniff.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace fl;
using namespace fl::media;
using namespace std::string_literals;

namespace {

std::string ftyp(const std::string& brands) {
  std::string box = "\0\0\0"s;
  box.push_back(static_cast<char>(brands.size() + 12));
  return box + "ftyp" + brands.substr(0, 4) + "\0\0\2\0"s + brands.substr(4);
}
std::string ebml(const std::string& type) {
  return "\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82"s + static_cast<char>(0x80 + type.size()) +
         type;
}

}  // namespace

TEST_CASE("what a file is shows in its first bytes, and names the demuxer to force") {
  struct Row {
    std::string head;
    Container container;
    const char* demuxer;
  };
  const Row rows[] = {
      {ftyp("isomiso2avc1mp41"), Container::mp4, "mov"},
      {ftyp("mp42"), Container::mp4, "mov"},
      {ftyp("XXXXisom"), Container::mp4, "mov"},  // a compatible brand is enough
      {ftyp("qt  "), Container::quicktime, "mov"},
      {ebml("webm"), Container::webm, "matroska"},
      {ebml("matroska"), Container::matroska, "matroska"},
      {"\xff\xd8\xff\xe1", Container::jpeg, "jpeg_pipe"},
      {"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR"s, Container::png, "png_pipe"},
      {"RIFF\1\0\0\0WEBPVP8X\1\1\1\1"s, Container::webp, "webp_pipe"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.demuxer);
    const auto found = sniff(row.head + "and so on");
    REQUIRE(found.has_value());
    CHECK(found->container == row.container);
    CHECK(found->demuxer == row.demuxer);
    const bool photo = row.container == Container::jpeg || row.container == Container::png ||
                       row.container == Container::webp;
    CHECK(found->kind == (photo ? MediaKind::photo : MediaKind::video));
  }
}

TEST_CASE("what is not admitted is refused by what it is") {
  struct Row {
    std::string head;
    const char* code;
  };
  const Row rows[] = {
      {"", "media_empty"},
      {"plain words", "media_is_text"},
      {"#EXTM3U\n", "media_is_playlist"},
      {"\xef\xbb\xbf\n #EXTM3U", "media_is_playlist"},
      {"FFConcat version 1.0", "media_is_concat_script"},
      {"<SVG width='1'>", "media_is_svg"},
      {"<?xml version='1.0'?><!-- x --><svg>", "media_is_svg"},
      {"  <!DOCTYPE HTML><p>", "media_is_html"},
      {"<html>", "media_is_html"},
      {"%PDF-1.7\n\xe2\xe3", "media_is_pdf"},
      {ftyp("heicmif1"), "media_is_heif"},
      {ftyp("avif"), "media_is_heif"},
      {ftyp("crx isox"), "media_type_unknown"},
      {"\0\0\0\x04"
       "ftypisom"s,
       "media_type_unknown"},
      {"\0\0\0\x13"
       "ftypisom\0\0\0\0mp41"s,
       "media_type_unknown"},
      {ebml("other"), "media_type_unknown"},
      {"\x1a\x45\xdf\xa3\x42\x82", "media_type_unknown"},
      {"RIFF\1\0\0\0AVI LIST\1\1\1\1"s, "media_type_unknown"},
      {"GIF89a\1\0\1\0"s, "media_type_unknown"},
      {"\0\0\0\0\0\0"s, "media_type_unknown"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.head);
    const auto found = sniff(row.head);
    REQUIRE_FALSE(found.has_value());
    CHECK(found.error().code == row.code);
    CHECK(found.error().field == "file");
    CHECK(found.error().kind == ErrorClass::malformed);
  }
}

TEST_CASE(
    "every prefix and every changed byte of a head is answered, and none beyond 4096 counts") {
  for (const auto& head : {ftyp("isomiso2avc1mp41"), ebml("webm"), "<?xml?><svg"s}) {
    for (std::size_t i = 0; i <= head.size(); ++i) {
      const auto cut = sniff(std::string_view(head).substr(0, i));
      CHECK((cut.has_value() || !cut.error().code.empty()));
      for (int value = 0; i < head.size() && value < 256; ++value) {
        auto changed = head;
        changed[i] = static_cast<char>(value);
        const auto found = sniff(changed);
        if (!found) CHECK(found.error().field == "file");
      }
    }
  }
  const std::string text(kSniffBytes, 'a');
  CHECK(sniff(text + '\0').error().code == "media_is_text");
}

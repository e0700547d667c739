#include "workers/media/fmp4.hpp"

#include <fmt/format.h>

#include <optional>
#include <string_view>

#include "core/base/encoding.hpp"
#include "core/blobs/storage.hpp"

namespace fl::media {
namespace {

constexpr std::uint64_t kMaxHeaderBox = 1U << 20;  ///< of moov, moof and the like
constexpr std::uint64_t kMaxDataBox = 64U << 20;
constexpr std::size_t kMaxSegments = 20'000;

Failure malformed(std::string_view what) {
  return fail(ErrorClass::unavailable, "media_derivation_failed", "",
              fmt::format("A derived video is not well formed: {}.", what));
}

struct Box {
  std::string_view type;
  std::string_view body;
};

/// The next box of `bytes`, taken off its front; nothing at the end or when it is cut.
std::optional<Box> take_box(std::string_view& bytes) {
  BinaryReader reader(bytes);
  const std::uint64_t size = reader.u32();
  const auto type = reader.raw(4);
  if (reader.failed() || size < 8 || size > bytes.size()) return std::nullopt;
  const Box box{type, bytes.substr(8, size - 8)};
  bytes.remove_prefix(size);
  return box;
}

/// The first box at a path: {"trak", "mdia", "mdhd"}.
std::optional<std::string_view> find(std::string_view bytes,
                                     std::initializer_list<std::string_view> path) {
  for (const auto& type : path) {
    std::optional<std::string_view> found;
    while (auto box = take_box(bytes)) {
      if (box->type != type) continue;
      found = box->body;
      break;
    }
    if (!found) return std::nullopt;
    bytes = *found;
  }
  return bytes;
}

struct TrackHeader {
  std::uint32_t timescale = 0;
  std::uint32_t sample_duration = 0;  ///< the default of the whole file
  std::string codecs;
};

std::string codecs_of(std::string_view sample_description) {
  BinaryReader reader(sample_description);
  reader.u32();  // version and flags
  if (reader.u32() != 1) return {};
  auto entries = reader.rest();
  const auto entry = take_box(entries);
  if (!entry) return {};
  if (entry->type == "mp4a") return "mp4a.40.2";
  constexpr std::size_t kVisualEntryBytes = 78;
  if (entry->type != "avc1" || entry->body.size() < kVisualEntryBytes) return {};
  const auto config = find(entry->body.substr(kVisualEntryBytes), {"avcC"});
  if (!config || config->size() < 4) return {};
  return "avc1." + to_hex(config->substr(1, 3));
}

Result<TrackHeader> read_track(std::string_view moov) {
  TrackHeader track;
  const auto header = find(moov, {"trak", "mdia", "mdhd"});
  const auto description = find(moov, {"trak", "mdia", "minf", "stbl", "stsd"});
  const auto defaults = find(moov, {"mvex", "trex"});
  if (!header || !description || !defaults) return malformed("its header lacks a table");
  BinaryReader reader(*header);
  const bool wide = reader.u8() == 1;
  reader.raw(wide ? 19 : 11);
  track.timescale = reader.u32();
  BinaryReader trex(*defaults);
  trex.raw(12);
  track.sample_duration = trex.u32();
  track.codecs = codecs_of(*description);
  if (reader.failed() || trex.failed() || track.timescale == 0 || track.codecs.empty()) {
    return malformed("its header cannot be read");
  }
  return track;
}

/// What the samples of a fragment add up to, in the track's time units.
std::optional<std::uint64_t> fragment_duration(std::string_view moof, const TrackHeader& track) {
  const auto header = find(moof, {"traf", "tfhd"});
  auto runs = find(moof, {"traf"});
  if (!header || !runs) return std::nullopt;
  BinaryReader tfhd(*header);
  const auto flags = tfhd.u32() & 0xffffff;
  tfhd.u32();
  if (flags & 0x01) tfhd.u64();  // base data offset
  if (flags & 0x02) tfhd.u32();  // sample description
  const auto usual = flags & 0x08 ? tfhd.u32() : track.sample_duration;
  if (tfhd.failed()) return std::nullopt;
  std::uint64_t total = 0;
  while (auto box = take_box(*runs)) {
    if (box->type != "trun") continue;
    BinaryReader trun(box->body);
    const auto has = trun.u32() & 0xffffff;
    const auto count = trun.u32();
    if (has & 0x001) trun.u32();  // data offset
    if (has & 0x004) trun.u32();  // flags of the first sample
    for (std::uint32_t i = 0; i < count && !trun.failed(); ++i) {
      total += has & 0x100 ? trun.u32() : usual;
      if (has & 0x200) trun.u32();  // size
      if (has & 0x400) trun.u32();  // flags
      if (has & 0x800) trun.u32();  // composition offset
      if ((has & 0xf00) == 0) {  // nothing is read a sample: do not count to four thousand million
        total += std::uint64_t{usual} * (count - i - 1);
        break;
      }
    }
    if (trun.failed()) return std::nullopt;
  }
  return total;
}

struct Reading {
  int fd;
  std::uint64_t size;
  std::uint64_t at = 0;
};

struct TopBox {
  std::string type;
  std::uint64_t size;
  std::string bytes;  ///< the whole box
};

Result<TopBox> next_box(Reading& reading) {
  auto head = blobs::read_at(reading.fd, reading.at, 16);
  if (!head) return fail(head.error());
  BinaryReader reader(*head);
  std::uint64_t size = reader.u32();
  std::string type(reader.raw(4));
  if (size == 1) size = reader.u64();
  const auto limit = type == "mdat" ? kMaxDataBox : kMaxHeaderBox;
  if (reader.failed() || size < 8 || size > limit || size > reading.size - reading.at) {
    return malformed("a box has an impossible size");
  }
  auto bytes = blobs::read_at(reading.fd, reading.at, size);
  if (!bytes) return fail(bytes.error());
  if (bytes->size() != size) return malformed("it is cut");
  reading.at += size;
  return TopBox{std::move(type), size, std::move(*bytes)};
}

}  // namespace

std::int64_t PackIndex::duration_us() const {
  std::int64_t total = 0;
  for (const auto& segment : segments) total += segment.duration_us;
  return total;
}

Result<PackIndex> index_pack(const std::string& path) {
  auto file = blobs::open_plain_file(path);
  if (!file) return fail(file.error());
  auto size = blobs::file_size(file->get());
  if (!size) return fail(size.error());
  Reading reading{file->get(), *size};
  PackIndex index;
  std::optional<TrackHeader> track;
  std::string moof;
  std::uint64_t units = 0;  // so that rounding does not add up over segments
  while (reading.at < reading.size) {
    const auto begin = reading.at;
    auto box = next_box(reading);
    if (!box) return fail(box.error());
    if (box->type == "ftyp" && !track && begin == 0) continue;
    if (box->type == "moov" && !track) {
      auto read = read_track(std::string_view(box->bytes).substr(8));
      if (!read) return fail(read.error());
      track = std::move(*read);
      index.codecs = track->codecs;
      index.init = {0, reading.at};
    } else if (box->type == "moof" && track && moof.empty()) {
      moof = std::move(box->bytes);
    } else if (box->type == "mdat" && !moof.empty()) {
      const auto duration = fragment_duration(std::string_view(moof).substr(8), *track);
      if (!duration || *duration == 0 || *duration > std::uint64_t{track->timescale} * 60 ||
          index.segments.size() == kMaxSegments) {
        return malformed("a segment has an impossible length");
      }
      const auto us = [&](std::uint64_t at) { return at * 1'000'000 / track->timescale; };
      const auto length = static_cast<std::int64_t>(us(units + *duration) - us(units));
      units += *duration;
      index.segments.push_back(
          {begin - moof.size(), moof.size() + box->size, length, sha256({moof, box->bytes})});
      moof.clear();
    } else {
      return malformed("a box stands where it should not");
    }
  }
  if (!track || index.segments.empty() || !moof.empty()) return malformed("it has no segments");
  return index;
}

}  // namespace fl::media

#include "core/log/embedded_layout.hpp"

#include "core/base/encoding.hpp"
#include "core/log/crc32c.hpp"

namespace fl::log::layout {

namespace {

std::string place(Stream stream, PartitionIndex partition) {
  std::string out;
  put_u8(out, static_cast<std::uint8_t>(stream));
  put_u32(out, partition);
  return out;
}

}  // namespace

std::string record_key(PartitionIndex partition, Offset offset) {
  std::string out;
  put_u32(out, partition);
  put_u64(out, offset);
  return out;
}

std::optional<Position> parse_record_key(Stream stream, std::string_view key) {
  BinaryReader in(key);
  Position at{stream, in.u32(), in.u64()};
  if (!in.done()) return std::nullopt;
  return at;
}

std::string value_head(const Position& at, std::string_view key, std::string_view value) {
  std::string covered = place(at.stream, at.partition);
  put_u64(covered, at.offset);
  put_u32(covered, static_cast<std::uint32_t>(key.size()));
  std::string out;
  put_u32(out, crc32c(value, crc32c(key, crc32c(covered))));
  put_u32(out, static_cast<std::uint32_t>(key.size()));
  return out;
}

std::optional<Record> parse_value(const Position& at, std::string_view stored) {
  BinaryReader in(stored);
  in.u32();
  const auto key = in.bytes();
  if (in.failed()) return std::nullopt;
  const auto value = in.rest();
  if (value_head(at, key, value) != stored.substr(0, 8)) return std::nullopt;
  return Record{at.offset, std::string(key), std::string(value)};
}

std::string encode_config(const std::vector<StreamConfig>& streams) {
  std::string out;
  put_u32(out, kFormat);
  for (const auto& config : streams) {
    put_u8(out, static_cast<std::uint8_t>(config.stream));
    put_u8(out, config.compacted ? 1 : 0);
    put_u32(out, config.partitions);
  }
  return out;
}

std::optional<std::vector<StreamConfig>> parse_config(std::string_view bytes) {
  BinaryReader in(bytes);
  if (in.u32() != kFormat) return std::nullopt;
  std::vector<StreamConfig> out;
  while (!in.failed() && !in.rest().empty()) {
    const auto stream = in.u8(), compacted = in.u8();
    const auto partitions = in.u32();
    if (stream >= kStreams || compacted > 1 || partitions == 0 || partitions > kMaxPartitions)
      return std::nullopt;
    if (!out.empty() && static_cast<std::uint8_t>(out.back().stream) >= stream) return std::nullopt;
    out.push_back({static_cast<Stream>(stream), partitions, compacted == 1});
  }
  if (!in.done() || out.empty()) return std::nullopt;
  return out;
}

std::string next_key(Stream stream, PartitionIndex partition) {
  return "next/" + place(stream, partition);
}

std::string index_key(Stream stream, PartitionIndex partition, std::string_view key) {
  return place(stream, partition) + std::string(key);
}

std::string group_key(std::string_view group, Stream stream, PartitionIndex partition) {
  return place(stream, partition) + std::string(group);
}

std::string encode_u64(std::uint64_t value) {
  std::string out;
  put_u64(out, value);
  return out;
}

std::optional<std::uint64_t> decode_u64(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto value = in.u64();
  if (!in.done()) return std::nullopt;
  return value;
}

}  // namespace fl::log::layout

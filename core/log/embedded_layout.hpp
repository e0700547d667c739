#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/log/log.hpp"

/// Keys and values of the embedded log in RocksDB, as FORMAT.md describes them.
namespace fl::log::layout {

inline constexpr std::uint32_t kFormat = 1;

inline constexpr const char* kMeta = "default";        ///< RocksDB insists on this family
inline constexpr const char* kGroups = "groups";       ///< positions of consumer groups
inline constexpr const char* kKeyIndex = "key_index";  ///< compacted streams: key → offset

/// In the family of a stream: partition u32, offset u64, big-endian.
std::string record_key(PartitionIndex partition, Offset offset);
std::optional<Position> parse_record_key(Stream stream, std::string_view key);

/// The head of a stored value: CRC-32C u32, size of the record's key u32. The key and the value
/// follow. The checksum covers stream u8, partition u32, offset u64, the key's size, key and value:
/// a record that stands in another's place does not verify.
std::string value_head(const Position& at, std::string_view key, std::string_view value);
/// Nothing when the bytes are not what `value_head` and the two parts made.
std::optional<Record> parse_value(const Position& at, std::string_view stored);

/// In meta, under kConfigKey: the format u32, then for each stream: stream u8, compacted u8,
/// partitions u32. Nothing for another format, or streams that are not distinct and in order.
inline constexpr const char* kConfigKey = "config";
std::string encode_config(const std::vector<StreamConfig>& streams);
std::optional<std::vector<StreamConfig>> parse_config(std::string_view bytes);

std::string next_key(Stream stream, PartitionIndex partition);  ///< in meta: the next offset
std::string index_key(Stream stream, PartitionIndex partition, std::string_view key);
std::string group_key(std::string_view group, Stream stream, PartitionIndex partition);

std::string encode_u64(std::uint64_t value);
std::optional<std::uint64_t> decode_u64(std::string_view bytes);

}  // namespace fl::log::layout

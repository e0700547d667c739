#include "core/log/log.hpp"

#include <fmt/format.h>

#include "core/log/work_share.hpp"

namespace fl::log {

namespace {

const StreamConfig* find(const std::vector<StreamConfig>& streams, Stream stream) {
  for (const auto& config : streams)
    if (config.stream == stream) return &config;
  return nullptr;
}

}  // namespace

const char* to_string(Stream stream) {
  switch (stream) {
    case Stream::ledger:
      return "ledger";
    case Stream::activity:
      return "activity";
    case Stream::jobs:
      return "jobs";
    case Stream::secrets:
      return "secrets";
  }
  return "unknown";
}

std::string to_string(const Position& position) {
  return fmt::format("{}/{}@{}", to_string(position.stream), position.partition, position.offset);
}

PartitionIndex LogReader::partitions(Stream stream) const {
  const auto* config = find(streams(), stream);
  return config ? config->partitions : 0;
}

Status check_partition(const std::vector<StreamConfig>& streams, Stream stream,
                       PartitionIndex partition) {
  const auto* config = find(streams, stream);
  if (config && partition < config->partitions) return {};
  return fail(
      ErrorClass::malformed, "no_such_partition", "partition",
      fmt::format("The log holds no partition {} of the stream {}.", partition, to_string(stream)));
}

std::size_t append_size(std::span<const NewRecord> records) {
  std::size_t size = 0;
  for (const auto& record : records)
    size += record.key.size() + record.value.size() + kRecordOverhead;
  return size;
}

Status check_append(const std::vector<StreamConfig>& streams, Stream stream,
                    PartitionIndex partition, std::span<const NewRecord> records) {
  if (auto known = check_partition(streams, stream, partition); !known) return known;
  if (records.empty())
    return fail(ErrorClass::malformed, "nothing_to_append", "records",
                "An append needs at least one record.");
  const bool compacted = find(streams, stream)->compacted;
  for (const auto& record : records) {
    if (record.value.size() > kMaxRecordBytes)
      return fail(ErrorClass::malformed, "record_too_large", "value",
                  fmt::format("A record of {} bytes is above the limit of {}.", record.value.size(),
                              kMaxRecordBytes));
    if (record.key.size() > kMaxKeyBytes)
      return fail(ErrorClass::malformed, "key_too_large", "key",
                  fmt::format("A key of {} bytes is above the limit of {}.", record.key.size(),
                              kMaxKeyBytes));
    if (compacted && record.key.empty())
      return fail(ErrorClass::malformed, "key_missing", "key",
                  "A record of a compacted stream needs a key.");
  }
  const auto total = append_size(records);
  if (total > kMaxAppendBytes)
    return fail(
        ErrorClass::malformed, "append_too_large", "records",
        fmt::format("An append of {} bytes is above the limit of {}.", total, kMaxAppendBytes));
  return {};
}

Status check_join(const std::vector<StreamConfig>& streams, std::string_view group,
                  const std::vector<Stream>& wanted) {
  if (group.empty() || group.size() > 256)
    return fail(ErrorClass::malformed, "bad_group", "group",
                "A consumer group's name has 1 to 256 bytes.");
  for (const auto stream : wanted)
    if (auto known = check_partition(streams, stream, 0); !known) return known;
  return {};
}

Failure not_held(const Held& held) {
  return fail(ErrorClass::conflict, kNotHeld, "",
              fmt::format("The partition {}/{} is another member's by now.", to_string(held.stream),
                          held.partition));
}

Failure damaged(const Position& at, std::string_view what) {
  return fail(ErrorClass::unavailable, kLogDamaged, "",
              fmt::format("The log is damaged at {}: {}.", to_string(at), what));
}

}  // namespace fl::log

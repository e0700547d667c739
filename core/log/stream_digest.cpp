#include "core/log/stream_digest.hpp"

#include "core/base/encoding.hpp"

namespace fl::log {

namespace {
constexpr std::size_t kBiteRecords = 1024, kBiteBytes = 4 * 1024 * 1024;
}

StreamDigests::StreamDigests(const std::vector<StreamConfig>& streams) {
  for (const auto& config : streams)
    states_[config.stream].so_far = {config.stream, config.partitions, 0, {}};
}

void StreamDigests::add(Stream stream, PartitionIndex partition, const Record& record) {
  auto& state = states_.at(stream);
  std::string head;
  put_u32(head, partition);
  put_bytes(head, record.key);
  put_u32(head, static_cast<std::uint32_t>(record.value.size()));
  state.hash.update(head);
  state.hash.update(record.value);
  ++state.so_far.records;
}

std::vector<StreamDigest> StreamDigests::finish() {
  std::vector<StreamDigest> out;
  for (auto& [stream, state] : states_) {
    state.so_far.digest = state.hash.finish();
    out.push_back(state.so_far);
  }
  return out;
}

Status for_each_record(LogReader& log, Stream stream, PartitionIndex partition, Offset end,
                       const std::function<Status(const Record&)>& take,
                       const LogProgress& progress) {
  for (Offset next = 0; next < end;) {
    const auto bite = log.read(stream, partition, next, kBiteRecords, kBiteBytes);
    if (!bite) return fail(bite.error());
    if (bite->empty()) return {};  // a compacted stream's end may hold nothing
    for (const auto& record : *bite) {
      if (record.offset >= end) return {};
      if (auto taken = take(record); !taken) return taken;
    }
    next = bite->back().offset + 1;
    if (progress) progress(stream, partition, std::min(next, end), end);
  }
  return {};
}

Result<std::vector<StreamDigest>> digests_of(LogReader& log, const LogProgress& progress) {
  StreamDigests digests(log.streams());
  for (const auto& config : log.streams()) {
    for (PartitionIndex p = 0; p < config.partitions; ++p) {
      const auto end = log.end(config.stream, p);
      if (!end) return fail(end.error());
      auto read = for_each_record(
          log, config.stream, p, *end,
          [&](const Record& record) {
            digests.add(config.stream, p, record);
            return Status();
          },
          progress);
      if (!read) return fail(read.error());
    }
  }
  return digests.finish();
}

}  // namespace fl::log

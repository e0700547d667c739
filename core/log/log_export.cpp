#include "core/log/log_export.hpp"

#include <algorithm>
#include <unordered_map>

namespace fl::log {

namespace {

/// Where the record stands that counts for each key of a compacted partition.
class LatestOfKeys {
 public:
  void add(const Record& record) {
    const auto key = sha256(record.key);
    if (record.value.empty())
      latest_.erase(key);
    else
      latest_.insert_or_assign(key, record.offset);
  }
  bool has(const Record& record) const {
    const auto found = latest_.find(sha256(record.key));
    return found != latest_.end() && found->second == record.offset;
  }
  std::size_t size() const { return latest_.size(); }

 private:
  std::unordered_map<Digest, Offset, DigestHash> latest_;
};

class Exporter {
 public:
  Exporter(LogReader& log, LogFileWriter& writer, const std::vector<StreamConfig>& streams,
           const LogProgress& progress)
      : log_(log), writer_(writer), digests_(streams), progress_(progress) {}

  Status take(const StreamConfig& config, PartitionIndex partition) {
    const auto end = log_.end(config.stream, partition);
    if (!end) return fail(end.error());
    auto written = config.compacted ? write_fold(config.stream, partition, *end)
                                    : write_all(config.stream, partition, *end);
    if (!written) return written;
    return writer_.set_end(config.stream, partition, *end);
  }

  std::vector<StreamDigest> finish() { return digests_.finish(); }

 private:
  Status write_all(Stream stream, PartitionIndex partition, Offset end) {
    return for_each_record(
        log_, stream, partition, end,
        [&](const Record& record) { return write(stream, partition, record); }, progress_);
  }

  Status write_fold(Stream stream, PartitionIndex partition, Offset end) {
    LatestOfKeys latest;
    auto read = for_each_record(log_, stream, partition, end,
                                [&](const Record& record) {
                                  latest.add(record);
                                  return Status();
                                },
                                {});
    if (!read) return read;
    std::size_t written = 0;
    read = for_each_record(
        log_, stream, partition, end,
        [&](const Record& record) {
          if (!latest.has(record)) return Status();
          ++written;
          return write(stream, partition, record);
        },
        progress_);
    if (!read || written == latest.size()) return read;
    return fail(ErrorClass::retry, "log_changed", to_string(stream),
                "The log was compacted while it was read: export it again.");
  }

  Status write(Stream stream, PartitionIndex partition, const Record& record) {
    digests_.add(stream, partition, record);
    return writer_.add(stream, partition, record);
  }

  LogReader& log_;
  LogFileWriter& writer_;
  StreamDigests digests_;
  const LogProgress& progress_;
};

}  // namespace

Result<ExportedLog> export_log(LogReader& log, const std::vector<Stream>& streams,
                               std::string ledger_id, Instant created,
                               const std::filesystem::path& path, const LogProgress& progress) {
  LogFileHeader header{std::move(ledger_id), created, {}};
  for (const auto& config : log.streams())
    if (std::find(streams.begin(), streams.end(), config.stream) != streams.end())
      header.streams.push_back(config);
  if (header.streams.size() != streams.size())
    return fail(ErrorClass::malformed, "bad_header", "streams",
                "The log does not hold each of these streams.");
  auto writer = LogFileWriter::create(path, header);
  if (!writer) return fail(writer.error());
  Exporter exporter(log, **writer, header.streams, progress);
  for (const auto& config : header.streams)
    for (PartitionIndex partition = 0; partition < config.partitions; ++partition)
      if (auto taken = exporter.take(config, partition); !taken) return fail(taken.error());
  auto trailer = (*writer)->finish();
  if (!trailer) return fail(trailer.error());
  return ExportedLog{std::move(*trailer), exporter.finish()};
}

}  // namespace fl::log

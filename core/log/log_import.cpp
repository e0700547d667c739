#include "core/log/log_import.hpp"

#include <fmt/format.h>

#include <deque>

namespace fl::log {

namespace {

constexpr std::size_t kBiteRecords = 1024, kBiteBytes = 4 * 1024 * 1024;

/// Fills one partition: compares with what stands there, and appends the rest.
class PartitionImport {
 public:
  PartitionImport(Log& log, Stream stream, PartitionIndex partition)
      : log_(log), stream_(stream), partition_(partition) {}

  Status begin() {
    const auto end = log_.end(stream_, partition_);
    if (!end) return fail(end.error());
    there_ = *end;
    return {};
  }

  Status take(Record record) {
    const auto at = next_++;
    if (at < there_) return compare(at, record);
    bytes_ += record.key.size() + record.value.size() + kRecordOverhead;
    waiting_.push_back({std::move(record.key), std::move(record.value)});
    return waiting_.size() < kBiteRecords && bytes_ < kBiteBytes ? Status() : flush();
  }

  Status flush() {
    if (waiting_.empty()) return {};
    const auto expected = next_ - waiting_.size();
    const auto first = log_.append(stream_, partition_, waiting_);
    if (!first) return fail(first.error());
    if (*first != expected)
      return differs(*first,
                     fmt::format("the record belongs at {}: somebody else appends", expected));
    waiting_.clear();
    bytes_ = 0;
    return {};
  }

  Status end() {
    if (auto flushed = flush(); !flushed) return flushed;
    if (next_ >= there_) return {};
    return differs(next_, "the log holds more than the file");
  }

 private:
  Status compare(Offset at, const Record& record) {
    if (standing_.empty()) {
      auto bite = log_.read(stream_, partition_, at, kBiteRecords, kBiteBytes);
      if (!bite) return fail(bite.error());
      for (auto& each : *bite) standing_.push_back(std::move(each));
    }
    if (standing_.empty() || standing_.front() != Record{at, record.key, record.value})
      return differs(at, "the log does not begin as the file does");
    standing_.pop_front();
    return {};
  }

  Failure differs(Offset at, std::string_view what) const {
    const Position position{stream_, partition_, at};
    return fail(ErrorClass::conflict, "import_differs", to_string(stream_),
                fmt::format("The log is not filled from this file: at {}, {}. Delete what the "
                            "import left, and begin anew.",
                            to_string(position), what));
  }

  Log& log_;
  const Stream stream_;
  const PartitionIndex partition_;
  Offset there_ = 0;  ///< records that an earlier import left
  Offset next_ = 0;
  std::deque<Record> standing_;
  std::vector<NewRecord> waiting_;
  std::size_t bytes_ = 0;
};

}  // namespace

Result<std::vector<StreamDigest>> check_file(const std::filesystem::path& file,
                                             const LogProgress& progress) {
  auto scanner = LogFileScanner::open(file);
  if (!scanner) return fail(scanner.error());
  StreamDigests digests((*scanner)->header().streams);
  while (true) {
    const auto entry = (*scanner)->next();
    if (!entry) return fail(entry.error());
    if (!*entry) return digests.finish();
    const auto& each = **entry;
    digests.add(each.stream, each.partition, each.record);
    // How many there are stands at the file's end.
    if (progress && each.record.offset % kBiteRecords == 0)
      progress(each.stream, each.partition, each.record.offset, ~Offset{0});
  }
}

Result<std::vector<StreamDigest>> import_records(LogFileScanner& file, Log& log,
                                                 const LogProgress& progress) {
  StreamDigests digests(file.header().streams);
  auto entry = file.next();
  for (const auto& config : file.header().streams) {
    for (PartitionIndex p = 0; p < config.partitions; ++p) {
      PartitionImport part(log, config.stream, p);
      if (auto begun = part.begin(); !begun) return fail(begun.error());
      Offset done = 0;
      for (; entry && *entry && (*entry)->stream == config.stream && (*entry)->partition == p;
           entry = file.next()) {
        auto& record = (*entry)->record;
        digests.add(config.stream, p, record);
        if (auto taken = part.take(std::move(record)); !taken) return fail(taken.error());
        if (progress && ++done % kBiteRecords == 0) progress(config.stream, p, done, ~Offset{0});
      }
      if (!entry) return fail(entry.error());
      if (auto ended = part.end(); !ended) return fail(ended.error());
      if (progress) progress(config.stream, p, done, done);
    }
  }
  return digests.finish();
}

Failure not_empty(Stream stream, PartitionIndex partition, Offset end) {
  return fail(ErrorClass::conflict, "log_not_empty", to_string(stream),
              fmt::format("The stream {} holds something already (partition {} ends at {}): an "
                          "import goes only into an empty log.",
                          to_string(stream), partition, end));
}

Status check_empty(LogReader& log) {
  for (const auto& config : log.streams()) {
    for (PartitionIndex p = 0; p < config.partitions; ++p) {
      const auto end = log.end(config.stream, p);
      if (!end) return fail(end.error());
      if (*end > 0) return not_empty(config.stream, p, *end);
    }
  }
  return {};
}

}  // namespace fl::log

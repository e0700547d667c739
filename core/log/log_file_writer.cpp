#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "core/log/log_file_layout.hpp"

namespace fl::log {

namespace {

constexpr std::size_t kBufferBytes = 1024 * 1024;

Failure unwritable(const std::filesystem::path& path) {
  return fail(
      ErrorClass::unavailable, "file_unwritable", "path",
      fmt::format("The file {} cannot be written: {}.", path.string(), std::strerror(errno)));
}

}  // namespace

struct LogFileWriter::State {
  std::filesystem::path path, partial;
  LogFileHeader header;
  std::vector<LogFileTrailer::Place> places;
  std::size_t current = 0;  ///< in `places`
  int fd = -1;
  std::string buffer;
  Sha256 hash;

  ~State() {
    if (fd < 0) return;
    close(fd);
    unlink(partial.c_str());
  }

  bool compacted(Stream stream) const {
    return std::any_of(header.streams.begin(), header.streams.end(), [&](const auto& config) {
      return config.stream == stream && config.compacted;
    });
  }

  Status flush() {
    for (std::size_t done = 0; done < buffer.size();) {
      const auto n = write(fd, buffer.data() + done, buffer.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return unwritable(partial);
      done += static_cast<std::size_t>(n);
    }
    buffer.clear();
    return {};
  }

  Status put(std::string_view bytes) {
    hash.update(bytes);
    buffer += bytes;
    return buffer.size() < kBufferBytes ? Status() : flush();
  }
};

LogFileWriter::LogFileWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
LogFileWriter::~LogFileWriter() = default;

Result<std::unique_ptr<LogFileWriter>> LogFileWriter::create(const std::filesystem::path& path,
                                                             const LogFileHeader& header) {
  if (!file_layout::is_valid(header))
    return fail(ErrorClass::malformed, "bad_header", "header",
                "An export file needs a ledger id of at most 256 bytes and distinct streams.");
  std::error_code ignored;
  if (std::filesystem::exists(path, ignored))
    return fail(ErrorClass::conflict, "file_exists", "path",
                fmt::format("The file {} exists already.", path.string()));
  auto state = std::make_unique<State>();
  state->path = path;
  state->partial = path.string() + ".partial";
  state->header = header;
  state->places = file_layout::places_of(header);
  state->fd = open(state->partial.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (state->fd < 0) return unwritable(state->partial);
  if (auto put = state->put(file_layout::encode_header(header)); !put) return fail(put.error());
  return std::unique_ptr<LogFileWriter>(new LogFileWriter(std::move(state)));
}

Status LogFileWriter::add(Stream stream, PartitionIndex partition, const Record& record) {
  auto& places = state_->places;
  while (state_->current < places.size() && (places[state_->current].stream != stream ||
                                             places[state_->current].partition != partition))
    ++state_->current;
  if (state_->current == places.size() ||
      !file_layout::count(places[state_->current], state_->compacted(stream), record.offset))
    return fail(ErrorClass::malformed, "out_of_order", "record",
                fmt::format("The record {} does not follow.",
                            to_string(Position{stream, partition, record.offset})));
  if (record.key.size() > kMaxKeyBytes || record.value.size() > kMaxRecordBytes)
    return fail(ErrorClass::malformed, "record_too_large", "record",
                "The record is above the limits of a log.");
  const auto head = file_layout::encode_entry_head(stream, partition, record);
  if (auto put = state_->put(head); !put) return put;
  if (auto put = state_->put(record.value); !put) return put;
  return state_->put(file_layout::encode_entry_crc(head, record.value));
}

Status LogFileWriter::set_end(Stream stream, PartitionIndex partition, Offset end) {
  for (auto& place : state_->places) {
    if (place.stream != stream || place.partition != partition) continue;
    if (end == place.end || (end > place.end && state_->compacted(stream))) {
      place.end = end;
      return {};
    }
  }
  return fail(ErrorClass::malformed, "out_of_order", "end",
              fmt::format("{} is not where the partition ends.",
                          to_string(Position{stream, partition, end})));
}

Result<LogFileTrailer> LogFileWriter::finish() {
  auto& state = *state_;
  if (auto put = state.put(file_layout::encode_trailer(state.places)); !put)
    return fail(put.error());
  LogFileTrailer trailer{state.places, state.hash.finish()};
  state.buffer += trailer.digest.view();
  if (auto flushed = state.flush(); !flushed) return fail(flushed.error());
  if (fsync(state.fd) != 0) return unwritable(state.partial);
  // a link, not a rename: what came to stand at the name meanwhile is not replaced
  if (link(state.partial.c_str(), state.path.c_str()) != 0) return unwritable(state.path);
  close(state.fd);
  state.fd = -1;
  unlink(state.partial.c_str());
  auto directory = state.path.parent_path();
  if (directory.empty()) directory = ".";
  const int fd = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  if (fd >= 0) close(fd);
  if (!synced) return unwritable(directory);
  return trailer;
}

}  // namespace fl::log

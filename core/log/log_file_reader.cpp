#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>

#include "core/base/assert.hpp"
#include "core/log/log_file_layout.hpp"

namespace fl::log {

namespace {

constexpr std::uint64_t kIndexEveryBytes = 64 * 1024;

class OpenFile {
 public:
  static Result<OpenFile> open(const std::filesystem::path& path) {
    OpenFile file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.fd_ < 0)
      return fail(
          ErrorClass::unavailable, "file_unreadable", "path",
          fmt::format("The file {} cannot be opened: {}.", path.string(), std::strerror(errno)));
    return file;
  }
  OpenFile(OpenFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  OpenFile& operator=(OpenFile&&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }

 private:
  explicit OpenFile(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace

struct LogFileScanner::State {
  explicit State(OpenFile opened) : file(std::move(opened)), in(file.fd(), 0, &hash) {}

  bool compacted(Stream stream) const {
    return std::any_of(header.streams.begin(), header.streams.end(), [&](const auto& config) {
      return config.stream == stream && config.compacted;
    });
  }

  /// Whether the entry stands where the order of the file wants it; counts it.
  bool follows(const Entry& entry) {
    while (current < places.size() &&
           (places[current].stream != entry.stream || places[current].partition != entry.partition))
      ++current;
    return current < places.size() &&
           file_layout::count(places[current], compacted(entry.stream), entry.record.offset);
  }

  bool agrees(const LogFileTrailer& stored) const {
    if (stored.places.size() != places.size()) return false;
    for (std::size_t i = 0; i < places.size(); ++i) {
      auto expected = places[i];
      if (compacted(expected.stream)) expected.end = std::max(expected.end, stored.places[i].end);
      if (stored.places[i] != expected) return false;
    }
    return true;
  }

  OpenFile file;
  Sha256 hash;
  file_layout::Cursor in;
  LogFileHeader header;
  LogFileTrailer trailer;
  std::vector<LogFileTrailer::Place> places;
  std::size_t current = 0;
  bool finished = false;
};

LogFileScanner::LogFileScanner(std::unique_ptr<State> state) : state_(std::move(state)) {}
LogFileScanner::~LogFileScanner() = default;

Result<std::unique_ptr<LogFileScanner>> LogFileScanner::open(const std::filesystem::path& path) {
  auto file = OpenFile::open(path);
  if (!file) return fail(file.error());
  auto state = std::make_unique<State>(std::move(*file));
  auto header = file_layout::read_header(state->in);
  if (!header) return fail(header.error());
  state->header = std::move(*header);
  state->places = file_layout::places_of(state->header);
  return std::unique_ptr<LogFileScanner>(new LogFileScanner(std::move(state)));
}

const LogFileHeader& LogFileScanner::header() const {
  return state_->header;
}

const LogFileTrailer& LogFileScanner::trailer() const {
  return state_->trailer;
}

Result<std::optional<LogFileScanner::Entry>> LogFileScanner::next() {
  auto& state = *state_;
  if (state.finished) return std::optional<Entry>();
  const auto byte = state.in.at();
  auto tag = state.in.take(1);
  if (!tag) return fail(tag.error());
  if (tag->front() == file_layout::kRecordTag) {
    auto entry = file_layout::read_entry(state.in, byte);
    if (!entry) return fail(entry.error());
    if (!state.follows(*entry))
      return file_layout::broken(
          byte,
          fmt::format("the record {} does not follow the one before",
                      to_string(Position{entry->stream, entry->partition, entry->record.offset})));
    return std::optional<Entry>(std::move(*entry));
  }
  if (tag->front() != file_layout::kTrailerTag)
    return file_layout::broken(byte, "neither a record nor the trailer begins here");
  auto trailer = file_layout::read_trailer(state.in, state.hash);
  if (!trailer) return fail(trailer.error());
  if (!state.agrees(*trailer))
    return file_layout::broken(byte, "the trailer counts other records than there are");
  state.trailer = std::move(*trailer);
  state.finished = true;
  return std::optional<Entry>();
}

struct LogFileReader::State {
  explicit State(OpenFile opened) : file(std::move(opened)) {}

  struct Mark {
    Offset offset;
    std::uint64_t byte;
  };
  struct Place {
    Offset end = 0;
    std::vector<Mark> index;   ///< a record about every 64 KiB, the first included
    Mark last{~Offset{0}, 0};  ///< where the latest read stopped
  };

  Mark start_of(Place& place, Offset from) {
    const std::lock_guard lock(mutex);
    if (place.last.offset == from) return place.last;
    auto after = std::upper_bound(place.index.begin(), place.index.end(), from,
                                  [](Offset at, const Mark& mark) { return at < mark.offset; });
    return after == place.index.begin() ? place.index.front() : *std::prev(after);
  }

  OpenFile file;
  LogFileHeader header;
  LogFileTrailer trailer;
  std::map<std::pair<Stream, PartitionIndex>, Place> places;
  std::mutex mutex;  ///< of every `last`
};

LogFileReader::LogFileReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
LogFileReader::~LogFileReader() = default;

Result<std::unique_ptr<LogFileReader>> LogFileReader::open(const std::filesystem::path& path) {
  auto scanner = LogFileScanner::open(path);
  if (!scanner) return fail(scanner.error());
  auto file = OpenFile::open(path);
  if (!file) return fail(file.error());
  auto state = std::make_unique<State>(std::move(*file));
  state->header = (*scanner)->header();
  while (true) {
    auto entry = (*scanner)->next();
    if (!entry) return fail(entry.error());
    if (!*entry) break;
    auto& place = state->places[{(*entry)->stream, (*entry)->partition}];
    if (place.index.empty() || (*entry)->byte - place.index.back().byte >= kIndexEveryBytes)
      place.index.push_back({(*entry)->record.offset, (*entry)->byte});
  }
  state->trailer = (*scanner)->trailer();
  for (const auto& each : state->trailer.places)
    state->places[{each.stream, each.partition}].end = each.end;
  return std::unique_ptr<LogFileReader>(new LogFileReader(std::move(state)));
}

const LogFileHeader& LogFileReader::header() const {
  return state_->header;
}

const LogFileTrailer& LogFileReader::trailer() const {
  return state_->trailer;
}

const std::vector<StreamConfig>& LogFileReader::streams() const {
  return state_->header.streams;
}

Result<Offset> LogFileReader::end(Stream stream, PartitionIndex partition) {
  if (auto right = check_partition(streams(), stream, partition); !right)
    return fail(right.error());
  return state_->places.at({stream, partition}).end;
}

Result<std::vector<Record>> LogFileReader::read(Stream stream, PartitionIndex partition,
                                                Offset from, std::size_t max_records,
                                                std::size_t max_bytes) {
  if (auto right = check_partition(streams(), stream, partition); !right)
    return fail(right.error());
  auto& place = state_->places.at({stream, partition});
  std::vector<Record> out;
  if (from >= place.end || place.index.empty() || max_records == 0) return out;
  file_layout::Cursor in(state_->file.fd(), state_->start_of(place, from).byte, nullptr);
  const bool compacted = std::any_of(streams().begin(), streams().end(), [&](const auto& each) {
    return each.stream == stream && each.compacted;
  });
  std::size_t bytes = 0;
  auto stopped = in.at();
  while (out.size() < max_records) {
    const auto byte = in.at();
    auto tag = in.take(1);
    if (!tag) return fail(tag.error());
    if (tag->front() != file_layout::kRecordTag) break;  // the trailer: nothing comes after
    auto entry = file_layout::read_entry(in, byte);
    if (!entry) return fail(entry.error());
    if (entry->stream != stream || entry->partition != partition) break;
    if (entry->record.offset < from) continue;
    if (!compacted && entry->record.offset != from + out.size())
      return damaged({stream, partition, from + out.size()}, "the record is missing");
    const auto size = entry->record.key.size() + entry->record.value.size();
    if (!out.empty() && bytes + size > max_bytes) break;
    bytes += size;
    out.push_back(std::move(entry->record));
    stopped = in.at();
    if (bytes >= max_bytes) break;
  }
  const std::lock_guard lock(state_->mutex);
  if (!out.empty()) place.last = {out.back().offset + 1, stopped};
  return out;
}

}  // namespace fl::log

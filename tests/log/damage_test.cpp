#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <map>
#include <random>

#include "core/log/acknowledged_mark.hpp"
#include "core/log/embedded_log.hpp"
#include "tests/log/contract.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;
using namespace fl::log;

namespace {

namespace fs = std::filesystem;

const std::vector<StreamConfig> kTwoStreams = {{Stream::ledger, 1, false},
                                               {Stream::activity, 2, false}};
using Content = std::map<std::pair<Stream, PartitionIndex>, std::vector<Record>>;

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const fs::path& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

/// Each append is of its own size, so that writes begin anywhere in a block of the log.
void fill(Log& log, int appends, std::mt19937_64& random) {
  for (int i = 0; i < appends; ++i) {
    const std::vector<NewRecord> records(
        1 + i % 2, contract::record(std::to_string(i) + std::string(random() % 3000, 'v')));
    const auto stream = i % 4 == 3 ? Stream::activity : Stream::ledger;
    const PartitionIndex partition = i % 8 == 3 ? 1 : 0;
    REQUIRE(log.append(stream, partition, records));
  }
}

/// Everything in a log, or the first error.
Result<Content> content(LogReader& log) {
  Content out;
  for (const auto& config : log.streams()) {
    for (PartitionIndex p = 0; p < config.partitions; ++p) {
      auto& records = out[{config.stream, p}];
      while (true) {
        auto bite = log.read(config.stream, p, records.size(), 100, 1 << 20);
        if (!bite) return fail(bite.error());
        if (bite->empty()) break;
        records.insert(records.end(), bite->begin(), bite->end());
      }
      if (log.end(config.stream, p).value_or(~Offset{0}) != records.size())
        return fail(ErrorClass::unavailable, "short", "", "the end is not where reading ends");
    }
  }
  return out;
}

Result<Content> content_of(const fs::path& directory, bool read_only) {
  if (read_only) {
    auto log = EmbeddedLogReader::open(directory);
    if (!log) return fail(log.error());
    return content(**log);
  }
  auto log = EmbeddedLog::open(directory, kTwoStreams);
  if (!log) return fail(log.error());
  return content(**log);
}

bool is_prefix(const Content& part, const Content& whole) {
  for (const auto& [place, records] : part) {
    const auto& all = whole.at(place);
    if (records.size() > all.size()) return false;
    if (!std::equal(records.begin(), records.end(), all.begin())) return false;
  }
  return true;
}

bool is_whole(const Result<Content>& found, const Content& whole) {
  return found && *found == whole;
}

std::size_t count(const Content& content) {
  std::size_t out = 0;
  for (const auto& [place, records] : content) out += records.size();
  return out;
}

fs::path only_file(const fs::path& directory, const std::string& extension) {
  fs::path found;
  for (const auto& entry : fs::directory_iterator(directory)) {
    if (entry.path().extension() != extension || entry.file_size() == 0) continue;
    REQUIRE(found.empty());
    found = entry.path();
  }
  REQUIRE_FALSE(found.empty());
  return found;
}

/// A directory as it is after SIGKILL: what a running log had on disk, its lock gone.
void crashed_log(const fs::path& directory, int appends, Content& whole) {
  const test::TempDir live;
  std::mt19937_64 random(test::seed("damage_test"));
  auto log = EmbeddedLog::open(live / "log", kTwoStreams);
  REQUIRE(log);
  fill(**log, appends, random);
  whole = *content(**log);
  fs::copy(live / "log", directory, fs::copy_options::recursive);
}

std::vector<std::pair<fs::path, std::string>> snapshot(const fs::path& directory) {
  std::vector<std::pair<fs::path, std::string>> out;
  for (const auto& entry : fs::recursive_directory_iterator(directory))
    out.emplace_back(entry.path(), bytes_of(entry.path()));
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace

TEST_CASE("a write torn by a power loss is cut off, and what stands before it stays") {
  const test::TempDir dir;
  Content whole;
  crashed_log(dir / "log", 60, whole);
  // after a power loss the mark may not have reached the disk
  fs::remove(dir / "log" / AcknowledgedMark::kFileName);
  const auto wal = only_file(dir / "log", ".log");
  const auto bytes = bytes_of(wal);
  std::size_t before = 0;
  for (std::size_t size = 0; size < bytes.size(); size += 499) {
    CAPTURE(size);
    write_bytes(wal, std::string_view(bytes).substr(0, size));
    const auto part = content_of(dir / "log", true);
    // without the very first write there is no log yet
    if (!part && part.error().code == "not_a_log") continue;
    REQUIRE_MESSAGE(part, (part ? "" : part.error().message));
    CHECK(is_prefix(*part, whole));
    CHECK(count(*part) >= before);
    before = count(*part);
    if (size % 7 != 0) continue;
    fs::remove_all(dir / "copy");
    fs::copy(dir / "log", dir / "copy", fs::copy_options::recursive);
    auto reopened = EmbeddedLog::open(dir / "copy", kTwoStreams);
    REQUIRE_MESSAGE(reopened, (reopened ? "" : reopened.error().message));
    CHECK(is_whole(content(**reopened), *part));
    CHECK((*reopened)->append(Stream::ledger, 0, std::vector{contract::record("goes on")}));
  }
  CHECK(before > 50);
}

TEST_CASE("a torn tail full of holes is cut off too") {
  const test::TempDir dir;
  Content whole;
  {
    const test::TempDir live;
    auto log = EmbeddedLog::open(live / "log", kTwoStreams);
    REQUIRE(log);
    const auto big = contract::record(std::string(200'000, 'x'));
    REQUIRE((*log)->append(Stream::ledger, 0, std::vector{contract::record("small")}));
    whole = *content(**log);
    REQUIRE((*log)->append(Stream::ledger, 0, std::vector{big}));
    fs::copy(live / "log", dir / "log", fs::copy_options::recursive);
  }
  fs::remove(dir / "log" / AcknowledgedMark::kFileName);
  const auto wal = only_file(dir / "log", ".log");
  const auto bytes = bytes_of(wal);
  // pages of one write reach the disk in any order, and the file's size before its content
  for (std::size_t hole = 8192; hole + 4096 < bytes.size(); hole += 20'480) {
    CAPTURE(hole);
    auto torn = bytes;
    torn.replace(hole, 4096, std::string(4096, '\0'));
    write_bytes(wal, torn + std::string(hole % 3 == 0 ? 50'000 : 0, '\0'));
    CHECK(is_whole(content_of(dir / "log", true), whole));
  }
  CHECK(is_whole(content_of(dir / "log", false), whole));
}

TEST_CASE("a write-ahead log cut below what was acknowledged is refused") {
  const test::TempDir dir;
  Content whole;
  crashed_log(dir / "log", 20, whole);
  const auto wal = only_file(dir / "log", ".log");
  const auto bytes = bytes_of(wal);
  for (std::size_t cut = 1; cut < bytes.size(); cut += 997) {
    CAPTURE(cut);
    write_bytes(wal, std::string_view(bytes).substr(0, bytes.size() - cut));
    for (const bool read_only : {true, false}) {
      const auto found = content_of(dir / "log", read_only);
      REQUIRE_FALSE(found);
      CHECK(found.error().code == kLogDamaged);
    }
  }
  write_bytes(wal, bytes);
  CHECK(is_whole(content_of(dir / "log", true), whole));  // the refusals changed nothing
  fs::remove(wal);
  CHECK_FALSE(content_of(dir / "log", false));
  write_bytes(wal, bytes);
  fs::remove(dir / "log" / "CURRENT");
  CHECK_FALSE(content_of(dir / "log", false));
}

TEST_CASE("a changed byte in the write-ahead log is refused, never cut away") {
  const test::TempDir dir;
  Content whole;
  crashed_log(dir / "log", 60, whole);
  const auto wal = only_file(dir / "log", ".log");
  const auto bytes = bytes_of(wal);
  const auto mark = bytes_of(dir / "log" / AcknowledgedMark::kFileName);
  std::size_t refused = 0, same = 0, shorter = 0;
  for (const bool mark_survives : {true, false}) {
    if (!mark_survives) fs::remove(dir / "log" / AcknowledgedMark::kFileName);
    for (std::size_t at = 0; at < bytes.size(); at += 257) {
      CAPTURE(at);
      auto changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
      write_bytes(wal, changed);
      const auto found = content_of(dir / "log", true);
      if (!found) {
        CHECK(found.error().code == kLogDamaged);
        ++refused;
      } else if (is_whole(found, whole)) {
        ++same;  // the filling at a block's end
      } else {
        // only the very last write can be taken for a torn one, and only without the mark
        CHECK_FALSE(mark_survives);
        CHECK(is_prefix(*found, whole));
        CHECK(count(*found) + 2 >= count(whole));
        ++shorter;
      }
    }
  }
  CHECK(refused > 40 * same);
  CHECK(refused > 20 * shorter);
}

TEST_CASE("a changed byte in a file of the stopped log is refused, or changes nothing") {
  const test::TempDir dir;
  Content whole;
  {
    std::mt19937_64 random(test::seed("damage_test"));
    auto log = EmbeddedLog::open(dir / "log", kTwoStreams);
    REQUIRE(log);
    fill(**log, 60, random);
    whole = *content(**log);
    REQUIRE((*log)->close());
  }
  std::size_t refused = 0, tables = 0, named = 0;
  for (const auto& [path, bytes] : snapshot(dir / "log")) {
    const bool table = path.extension() == ".sst";
    CHECK((path.extension() != ".log" || bytes.empty()));  // closed: all is in tables
    const auto name = path.filename().string();
    const auto step =
        table || bytes.size() > 20'000 ? bytes.size() / 100 + 1 : bytes.size() / 40 + 1;
    for (std::size_t at = 0; at < bytes.size(); at += step) {
      CAPTURE(name);
      CAPTURE(at);
      auto changed = bytes;
      changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
      write_bytes(path, changed);
      const auto found = content_of(dir / "log", true);
      refused += found ? 0 : 1;
      if (found) CHECK(is_whole(found, whole));
      if (table) {
        auto log = EmbeddedLogReader::open(dir / "log");
        const auto verified = log ? (*log)->verify_files() : Status(fail(log.error()));
        REQUIRE_FALSE(verified);
        CHECK(verified.error().code == kLogDamaged);
        if (log) CHECK(verified.error().message.find(name) != std::string::npos);
        named += log ? 1 : 0;
        ++tables;
      }
    }
    write_bytes(path, bytes);
  }
  CHECK(refused > 80);
  CHECK(tables > 80);
  CHECK(named > 50);
  CHECK(is_whole(content_of(dir / "log", false), whole));
}

TEST_CASE("reading a crashed log changes nothing in its directory") {
  const test::TempDir dir;
  Content whole;
  crashed_log(dir / "log", 30, whole);
  const auto before = snapshot(dir / "log");
  for (int i = 0; i < 2; ++i) CHECK(is_whole(content_of(dir / "log", true), whole));
  CHECK(snapshot(dir / "log") == before);
}

TEST_CASE("a log is refused to whoever wants other streams, and a strange directory is no log") {
  const test::TempDir dir;
  CHECK(EmbeddedLog::open(dir / "log", kTwoStreams));
  const auto code = [&](std::vector<StreamConfig> streams) {
    const auto opened = EmbeddedLog::open(dir / "log", std::move(streams));
    return opened ? "" : opened.error().code;
  };
  CHECK(code(kTwoStreams) == "");
  CHECK(code({{Stream::ledger, 1, false}}) == "log_config_differs");
  CHECK(code({{Stream::ledger, 2, false}, {Stream::activity, 2, false}}) == "log_config_differs");
  CHECK(code({{Stream::ledger, 1, false}, {Stream::ledger, 1, false}}) == "bad_streams");
  CHECK(code({{Stream::ledger, 0, false}}) == "bad_streams");
  CHECK(code({}) == "bad_streams");
  fs::create_directory(dir / "empty");
  CHECK_FALSE(EmbeddedLogReader::open(dir / "empty"));
  CHECK_FALSE(EmbeddedLogReader::open(dir / "absent"));
  CHECK(fs::is_empty(dir / "empty"));
  CHECK_FALSE(fs::exists(dir / "absent"));
}

TEST_CASE("what a compacted stream has replaced is in no file any more") {
  const test::TempDir dir;
  const std::string old_secret = "the wrapped key of someone to be forgotten";
  const std::vector<StreamConfig> streams = {{Stream::ledger, 1, false},
                                             {Stream::secrets, 1, true}};
  const auto is_in_files = [&] {
    for (const auto& [path, bytes] : snapshot(dir / "log"))
      if (bytes.find(old_secret) != std::string::npos) return true;
    return false;
  };
  auto log = EmbeddedLog::open(dir / "log", streams);
  REQUIRE(log);
  REQUIRE((*log)->append(Stream::secrets, 0, std::vector{contract::record(old_secret, "anna")}));
  REQUIRE((*log)->append(Stream::ledger, 0, std::vector{contract::record("unrelated")}));
  CHECK(is_in_files());
  REQUIRE((*log)->compact());
  CHECK(is_in_files());  // it is still the latest of its key
  REQUIRE((*log)->append(Stream::secrets, 0, std::vector{contract::record("", "anna")}));
  REQUIRE((*log)->compact());
  CHECK_FALSE(is_in_files());
  CHECK(contract::read_all(**log, Stream::secrets, 0) == std::vector<Record>{{1, "anna", ""}});
}

#include "core/log/log_file.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <iterator>

#include "core/log/crc32c.hpp"
#include "core/log/embedded_log.hpp"
#include "core/log/log_export.hpp"
#include "tests/log/contract.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;
using namespace fl::log;

namespace {

namespace fs = std::filesystem;

std::string bytes_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_bytes(const fs::path& path, std::string_view bytes) {
  std::ofstream out(path, std::ios::binary | std::ios::trunc);
  out.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

std::unique_ptr<EmbeddedLog> filled(const fs::path& path, int records) {
  auto log = EmbeddedLog::open(path, contract::streams());
  REQUIRE(log);
  for (int i = 0; i < records; ++i) {
    const auto name = std::to_string(i);
    const std::vector<NewRecord> one{contract::record("value " + name, "key" + name)};
    REQUIRE((*log)->append(Stream::ledger, 0, one));
    REQUIRE((*log)->append(Stream::activity, i % 3, one));
    const std::vector<NewRecord> secret{contract::record(name, "key" + std::to_string(i % 2))};
    REQUIRE((*log)->append(Stream::secrets, 0, secret));
  }
  return std::move(*log);
}

/// Reads a file to its end; the first error.
Status scan(const fs::path& path) {
  auto scanner = LogFileScanner::open(path);
  if (!scanner) return fail(scanner.error());
  while (true) {
    auto entry = (*scanner)->next();
    if (!entry) return fail(entry.error());
    if (!*entry) return {};
  }
}

}  // namespace

TEST_CASE("an exported file reads like the log that it came from") {
  const test::TempDir dir;
  auto log = filled(dir / "log", 20);
  const std::vector<NewRecord> large{contract::record(std::string(kMaxRecordBytes, 'L'))};
  REQUIRE(log->append(Stream::ledger, 0, large));
  const std::vector<NewRecord> many(3000, contract::record(std::string(100, 'm')));
  REQUIRE(log->append(Stream::activity, 1, many));
  const auto written = export_log(*log, {Stream::ledger, Stream::activity, Stream::secrets}, "id",
                                  Instant{5}, dir / "file");
  REQUIRE_MESSAGE(written, (written ? "" : written.error().message));
  auto file = LogFileReader::open(dir / "file");
  REQUIRE_MESSAGE(file, (file ? "" : file.error().message));
  CHECK((*file)->header().ledger_id == "id");
  CHECK((*file)->header().created == Instant{5});
  CHECK((*file)->trailer() == written->trailer);
  CHECK((*file)->partitions(Stream::jobs) == 0);
  for (const auto& config : (*file)->streams()) {
    CHECK(config.partitions == log->partitions(config.stream));
    for (PartitionIndex p = 0; p < config.partitions; ++p) {
      CHECK(*(*file)->end(config.stream, p) == *log->end(config.stream, p));
      CHECK(contract::read_all(**file, config.stream, p) ==
            contract::read_all(*log, config.stream, p));
      for (const Offset from : {0, 1, 2, 7, 1500, 3005, 3006, 3007, 100'000}) {
        CAPTURE(from);
        CHECK((*(*file)->read(config.stream, p, from, 10, 500) ==
               *log->read(config.stream, p, from, 10, 500)));
      }
    }
  }
  const auto absent = (*file)->read(Stream::jobs, 0, 0, 1, 1);
  CHECK((!absent && absent.error().code == "no_such_partition"));
  const auto again = export_log(*log, {Stream::ledger}, "id", Instant{5}, dir / "file");
  CHECK((!again && again.error().code == "file_exists"));
  CHECK(fs::exists(dir / "file"));
  CHECK_FALSE(fs::exists(dir / "file.partial"));
}

TEST_CASE("no byte of an export file can be changed, dropped or added unseen") {
  const test::TempDir dir;
  auto log = filled(dir / "log", 12);
  REQUIRE(export_log(*log, {Stream::ledger, Stream::activity, Stream::secrets}, "ledger", {},
                     dir / "file"));
  const auto bytes = bytes_of(dir / "file");
  CHECK(scan(dir / "file"));
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    CAPTURE(at);
    auto changed = bytes;
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    write_bytes(dir / "changed", changed);
    const auto found = scan(dir / "changed");
    REQUIRE_FALSE(found);
    if (found.error().code != "log_format_unknown") CHECK(found.error().code == kLogDamaged);
    if (at % 32 == 0) CHECK_FALSE(LogFileReader::open(dir / "changed"));
    if (at % 4 != 0) continue;
    write_bytes(dir / "changed", std::string_view(bytes).substr(0, at));
    CHECK_FALSE(scan(dir / "changed"));
  }
  write_bytes(dir / "changed", bytes + std::string(1, '\0'));
  const auto longer = scan(dir / "changed");
  REQUIRE_FALSE(longer);
  CHECK(longer.error().message.find("behind its end") != std::string::npos);
}

TEST_CASE("a changed or moved record is named with its byte") {
  const test::TempDir dir;
  {
    auto writer = LogFileWriter::create(dir / "file", {"id", {}, {{Stream::ledger, 1, false}}});
    REQUIRE(writer);
    for (Offset i = 0; i < 3; ++i) REQUIRE((*writer)->add(Stream::ledger, 0, {i, "k", "aaaa"}));
    REQUIRE((*writer)->finish());
  }
  const auto bytes = bytes_of(dir / "file");
  constexpr std::size_t kHeader = 8 + 2 + 4 + 2 + 8 + 1 + 6 + 4;
  constexpr std::size_t kEntry = 1 + 1 + 4 + 8 + 4 + 1 + 4 + 4 + 4;
  auto changed = bytes;
  changed[kHeader + 2 * kEntry - 5] = 'b';  // in the value of record 1
  write_bytes(dir / "changed", changed);
  CHECK(scan(dir / "changed").error().message ==
        "The export file is damaged at byte " + std::to_string(kHeader + kEntry) +
            ": the checksum of the record ledger/0@1 does not match.");
  auto swapped = bytes;
  swapped.replace(kHeader, kEntry, bytes.substr(kHeader + kEntry, kEntry));
  swapped.replace(kHeader + kEntry, kEntry, bytes.substr(kHeader, kEntry));
  write_bytes(dir / "changed", swapped);
  CHECK(scan(dir / "changed").error().message ==
        "The export file is damaged at byte " + std::to_string(kHeader) +
            ": the record ledger/0@1 does not follow the one before.");
}

TEST_CASE("a writer takes records in order only, and leaves nothing when it is given up") {
  const test::TempDir dir;
  const LogFileHeader header{"id", {}, {{Stream::ledger, 1, false}, {Stream::secrets, 1, true}}};
  {
    auto writer = LogFileWriter::create(dir / "file", header);
    REQUIRE(writer);
    CHECK((*writer)->add(Stream::ledger, 0, {0, "", "a"}));
    CHECK_FALSE((*writer)->add(Stream::ledger, 0, {2, "", "gap"}));
    CHECK((*writer)->add(Stream::secrets, 0, {5, "k", "sparse"}));
    CHECK_FALSE((*writer)->add(Stream::secrets, 0, {5, "k", "again"}));
    CHECK_FALSE((*writer)->add(Stream::ledger, 0, {1, "", "late"}));
    CHECK_FALSE((*writer)->set_end(Stream::ledger, 0, 2));
    CHECK((*writer)->set_end(Stream::secrets, 0, 9));
  }
  CHECK(fs::is_empty(dir.path()));
  CHECK_FALSE(LogFileWriter::create(dir / "file", {"id", {}, {}}));
  CHECK_FALSE(LogFileWriter::create(dir / "file", {std::string(257, 'x'), {}, header.streams}));
}

TEST_CASE("CRC-32C agrees with the published vectors, with and without the instruction") {
  struct Row {
    std::string bytes;
    std::uint32_t crc;
  };
  std::string rising;
  for (int i = 0; i < 32; ++i) rising.push_back(static_cast<char>(i));
  // RFC 3720, appendix B.4
  const Row rows[] = {{std::string(32, '\0'), 0x8a9136aa},
                      {std::string(32, '\xff'), 0x62a8ab43},
                      {rising, 0x46dd794e},
                      {"123456789", 0xe3069283},
                      {"", 0}};
  for (const auto& row : rows) {
    CHECK(crc32c(row.bytes) == row.crc);
    CHECK(crc32c_portable(row.bytes) == row.crc);
    for (std::size_t cut = 0; cut <= row.bytes.size(); ++cut)
      CHECK(crc32c(row.bytes.substr(cut), crc32c(row.bytes.substr(0, cut))) == row.crc);
  }
}

#include <doctest/doctest.h>

#include "core/log/acknowledged_mark.hpp"
#include "core/log/embedded_log.hpp"
#include "tests/log/contract.hpp"
#include "tests/log/damaged_log.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;
using namespace fl::log;
using namespace fl::log::damage;

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
    auto reopened = EmbeddedLog::open(dir / "copy", two_streams());
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
    auto log = EmbeddedLog::open(live / "log", two_streams());
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

TEST_CASE("reading a crashed log changes nothing in its directory") {
  const test::TempDir dir;
  Content whole;
  crashed_log(dir / "log", 30, whole);
  const auto before = snapshot(dir / "log");
  for (int i = 0; i < 2; ++i) CHECK(is_whole(content_of(dir / "log", true), whole));
  CHECK(snapshot(dir / "log") == before);
}

TEST_CASE("damage that RocksDB takes for an end of the log is refused") {
  const test::TempDir dir;
  {
    const test::TempDir live;
    auto log = EmbeddedLog::open(live / "log", two_streams());
    REQUIRE(log);
    for (int i = 0; i < 10; ++i)
      REQUIRE((*log)->append(Stream::ledger, 0, std::vector{contract::record("small")}));
    fs::copy(live / "log", dir / "log", fs::copy_options::recursive);
  }
  // not even the mark may be needed for this
  fs::remove(dir / "log" / AcknowledgedMark::kFileName);
  const auto wal = only_file(dir / "log", ".log");
  const auto bytes = bytes_of(wal);
  // where the fifth write begins: a head of seven bytes, with the length in the fifth and sixth
  std::size_t at = 0;
  for (int i = 0; i < 5; ++i)
    at += 7u + static_cast<std::uint8_t>(bytes[at + 4]) +
          256u * static_cast<std::uint8_t>(bytes[at + 5]);
  auto longer = bytes, nothing = bytes;
  longer[at + 5] = static_cast<char>(longer[at + 5] ^ 0x40);  // beyond the end of the file
  nothing.replace(at + 4, 3, 3, '\0');                        // no length, no type
  for (const auto& changed : {longer, nothing}) {
    write_bytes(wal, changed);
    for (const bool read_only : {true, false}) {
      const auto found = content_of(dir / "log", read_only);
      REQUIRE_FALSE(found);
      CHECK(found.error().code == kLogDamaged);
      CHECK(found.error().message.find("at byte " + std::to_string(at) + ":") != std::string::npos);
    }
  }
}

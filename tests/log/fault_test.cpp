#include <doctest/doctest.h>

#include <fstream>

#include "core/log/embedded_log.hpp"
#include "tests/log/crash_oracle.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;
using namespace fl::log;

namespace {

using Environment = std::map<std::string, std::string>;

/// Runs a child to its end under faults, then checks its log without them.
void starve(const Environment& faults, bool must_refuse) {
  const test::TempDir dir;
  Environment environment = {{"LD_PRELOAD", FAULTY_IO},
                             {"FAULTY_IO_PREFIX", (dir / "log").string()}};
  environment.insert(faults.begin(), faults.end());
  crash::Oracle oracle;
  {
    crash::Child child(dir / "log", 7, 3, 400, environment);
    for (auto line = child.line(); !line.empty(); line = child.line()) oracle.hear(line);
    child.wait();
  }
  REQUIRE(oracle.said("open"));
  if (must_refuse) {
    // three threads, each refused three times: once something failed, nothing was taken any more
    CHECK(oracle.refusals().size() == 9);
    for (const auto& code : oracle.refusals()) CHECK(code == kLogFailed);
    CHECK(oracle.said("readable"));
  }
  CHECK_FALSE(oracle.said("resurrected"));
  CHECK(oracle.acknowledged() > 0);
  {
    auto reader = EmbeddedLogReader::open(dir / "log");
    REQUIRE_MESSAGE(reader, (reader ? "" : reader.error().message));
    oracle.check(**reader);
  }
  auto log = EmbeddedLog::open(dir / "log", crash::streams());
  REQUIRE_MESSAGE(log, (log ? "" : log.error().message));
  oracle.check(**log);
  CHECK((*log)->verify_files());
  const std::vector<NewRecord> one{{"", "after the fault"}};
  CHECK((*log)->append(Stream::ledger, 0, one));
}

}  // namespace

TEST_CASE("after a failed write or sync nothing is acknowledged, and nothing before it is lost") {
  struct Row {
    const char* what;
    Environment faults;
  };
  const Row rows[] = {
      {"sync of the write-ahead log",
       {{"FAULTY_IO_SUFFIX", ".log"},
        {"FAULTY_IO_CALLS", "fdatasync,fsync"},
        {"FAULTY_IO_FROM", "20"}}},
      {"one failed sync, then a disk that says all is well",
       {{"FAULTY_IO_SUFFIX", ".log"},
        {"FAULTY_IO_CALLS", "fdatasync,fsync"},
        {"FAULTY_IO_FROM", "20"},
        {"FAULTY_IO_COUNT", "1"}}},
      {"write of the write-ahead log",
       {{"FAULTY_IO_SUFFIX", ".log"},
        {"FAULTY_IO_CALLS", "write,pwrite"},
        {"FAULTY_IO_FROM", "15"}}},
      {"half a write, then a full disk",
       {{"FAULTY_IO_SUFFIX", ".log"},
        {"FAULTY_IO_CALLS", "write,pwrite"},
        {"FAULTY_IO_FROM", "15"},
        {"FAULTY_IO_SHORT", "1"},
        {"FAULTY_IO_ERROR", "ENOSPC"}}},
      {"full disk for every file",
       {{"FAULTY_IO_CALLS", "write,pwrite,truncate"},
        {"FAULTY_IO_FROM", "300"},
        {"FAULTY_IO_ERROR", "ENOSPC"}}},
      // (not sync_file_range: RocksDB aborts when that fails with anything but ENOSYS)
      {"table files",
       {{"FAULTY_IO_SUFFIX", ".sst"},
        {"FAULTY_IO_CALLS", "write,pwrite,fsync,fdatasync"},
        {"FAULTY_IO_FROM", "2"}}},
      {"the mark",
       {{"FAULTY_IO_SUFFIX", "ACKNOWLEDGED"},
        {"FAULTY_IO_CALLS", "pwrite"},
        {"FAULTY_IO_FROM", "9"}}},
      {"new files", {{"FAULTY_IO_CALLS", "open"}, {"FAULTY_IO_FROM", "40"}}},
  };
  for (const auto& row : rows) {
    SUBCASE(row.what) {
      starve(row.faults, true);
    }
  }
}

TEST_CASE("a lone appender is acknowledged no more often than the disk has synced") {
  const test::TempDir dir;
  crash::Child child(dir / "log", 5, 1, 400,
                     {{"LD_PRELOAD", FAULTY_IO},
                      {"FAULTY_IO_PREFIX", (dir / "log").string()},
                      {"FAULTY_IO_SUFFIX", ".log"},
                      {"FAULTY_IO_CALLS", "fdatasync,fsync"},
                      {"FAULTY_IO_FROM", "12"}});
  int acknowledgements = 0;
  for (auto line = child.line(); !line.empty(); line = child.line())
    acknowledgements += line.starts_with("ack ") ? 1 : 0;
  CHECK(acknowledgements > 5);
  CHECK(acknowledgements < 12);
}

TEST_CASE("the log survives its death at any call to the disk") {
  std::mt19937_64 random(test::seed("fault_test"));
  for (int i = 0; i < 12; ++i) {
    const auto from = std::to_string(150 + random() % 600);
    CAPTURE(from);
    starve({{"FAULTY_IO_ERROR", "KILL"}, {"FAULTY_IO_FROM", from}}, false);
  }
}

TEST_CASE("a running log is hit through the control file") {
  const test::TempDir dir;
  const auto control = dir / "control";
  crash::Oracle oracle;
  crash::Child child(dir / "log", 3, 2, 1'000'000,
                     {{"LD_PRELOAD", FAULTY_IO}, {"FAULTY_IO_CONTROL", control.string()}});
  for (int i = 0; i < 50; ++i) oracle.hear(child.line());
  CHECK(oracle.acknowledged() > 0);
  CHECK(oracle.refusals().empty());
  std::ofstream(dir / "control.new")
      << "prefix=" << (dir / "log").string() << "\ncalls=fdatasync\nerror=EIO\n";
  std::filesystem::rename(dir / "control.new", control);
  for (auto line = child.line(); !line.empty(); line = child.line()) oracle.hear(line);
  child.wait();
  CHECK(oracle.refusals().size() == 6);
  auto log = EmbeddedLog::open(dir / "log", crash::streams());
  REQUIRE_MESSAGE(log, (log ? "" : log.error().message));
  oracle.check(**log);
}

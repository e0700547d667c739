#include <doctest/doctest.h>

#include <cstdlib>

#include "core/log/embedded_log.hpp"
#include "tests/log/crash_oracle.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;
using namespace fl::log;

TEST_CASE("a log that is killed at any moment keeps everything that it acknowledged [D6]") {
  const test::TempDir dir;
  std::mt19937_64 random(test::seed("crash_test"));
  const char* asked = std::getenv("FANLEDGER_CRASH_CYCLES");
  const int cycles = asked ? std::atoi(asked) : 12;
  crash::Oracle oracle;
  for (int cycle = 0; cycle < cycles; ++cycle) {
    CAPTURE(cycle);
    crash::Child child(dir / "log", random(), 4, 1'000'000);
    REQUIRE(child.line() == "open");
    for (auto lines = random() % 300; lines > 0; --lines) oracle.hear(child.line());
    child.kill();
    for (auto line = child.line(); !line.empty(); line = child.line()) oracle.hear(line);
    CHECK(child.wait() == -9);
    if (random() % 2 == 0) {
      auto reader = EmbeddedLogReader::open(dir / "log");
      REQUIRE_MESSAGE(reader, (reader ? "" : reader.error().message));
      oracle.check(**reader);
    } else {
      auto log = EmbeddedLog::open(dir / "log", crash::streams());
      REQUIRE_MESSAGE(log, (log ? "" : log.error().message));
      oracle.check(**log);
      CHECK((*log)->verify_files());
    }
  }
  CHECK(oracle.acknowledged() > 0);
}

TEST_CASE("a data directory has one process at a time, and readers only when it is stopped") {
  const test::TempDir dir;
  auto child = std::make_unique<crash::Child>(dir / "log", 1, 1, 1'000'000);
  REQUIRE(child->line() == "open");
  const auto second = EmbeddedLog::open(dir / "log", crash::streams());
  REQUIRE_FALSE(second);
  CHECK(second.error().code == kLogInUse);
  CHECK(second.error().message.find("(process ") != std::string::npos);
  const auto reader = EmbeddedLogReader::open(dir / "log");
  REQUIRE_FALSE(reader);
  CHECK(reader.error().code == kLogInUse);
  child.reset();
  {
    const auto one = EmbeddedLogReader::open(dir / "log");
    const auto other = EmbeddedLogReader::open(dir / "log");
    CHECK(one.has_value());
    CHECK(other.has_value());
    CHECK_FALSE(EmbeddedLog::open(dir / "log", crash::streams()));
  }
  CHECK(EmbeddedLog::open(dir / "log", crash::streams()));
}

#include <doctest/doctest.h>
#include <google/protobuf/stubs/logging.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <ctime>

#include "tests/simulation/simulation.hpp"
#include "tests/support/seed.hpp"

using namespace fl;
using namespace fl::sim;

namespace {

constexpr double kSeconds = 40;  ///< of one processor, however busy the machine is

constexpr std::uint64_t kLeast = 25;  ///< of each thing that should happen, in all runs together

void quiet() {
  spdlog::set_level(spdlog::level::off);  // candidates step down all the time
  google::protobuf::SetLogHandler(nullptr);  // and strangers write what is not UTF-8
}

double seconds_used() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

void must_hold(std::uint64_t seed, const RunResult& result) {
  if (!result.violation) return;
  FAIL("FANLEDGER_SEED=" << seed << ": " << *result.violation << "\n" << result.trace_tail);
}

}  // namespace

TEST_CASE("one seed is one run") {
  quiet();
  const auto first = run_seed(4711);
  const auto second = run_seed(4711);
  must_hold(4711, first);
  CHECK(first.trace_hash == second.trace_hash);
  CHECK(first.trace_hash != run_seed(4712).trace_hash);
}

TEST_CASE("candidates on a faulty log keep every promise, and serve once the faults stop") {
  quiet();
  const auto first = test::seed("simulation_test");
  if (std::getenv("FANLEDGER_SEED") != nullptr) {
    const auto result = run_seed(first);
    must_hold(first, result);
    MESSAGE("\n" << result.coverage.report());
    return;
  }
  Coverage coverage;
  std::uint64_t seeds = 0;
  const bool is_long = std::getenv("FANLEDGER_LONG") != nullptr;
  const auto until = seconds_used() + (is_long ? 10 : 1) * kSeconds;
  for (auto seed = first; seconds_used() < until; ++seed, ++seeds) {
    const auto result = run_seed(seed);
    must_hold(seed, result);
    coverage.add(result.coverage);
  }
  MESSAGE(seeds << " seeds\n" << coverage.report());
  for (std::size_t i = 0; i < kHappenings; ++i) {
    const std::string what = to_string(static_cast<Happened>(i));
    CAPTURE(what);
    CHECK(coverage.of(static_cast<Happened>(i)) >= kLeast);
  }
}

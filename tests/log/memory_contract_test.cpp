#include <doctest/doctest.h>

#include "tests/log/contract.hpp"
#include "tests/log/share_contract.hpp"
#include "tests/support/faulty_log.hpp"

using namespace fl;
using namespace fl::log;

namespace {

/// Each opens anew over one memory, as over one disk.
template <class InMemory>
contract::Subject subject_of(const std::shared_ptr<test::LogMemory>& memory) {
  return {[memory] { return std::make_unique<InMemory>(contract::streams(), memory); },
          [](Log& log) { dynamic_cast<InMemory&>(log).compact(); }};
}

test::MemoryShare& in_memory(WorkShare& share) {
  return dynamic_cast<test::MemoryShare&>(share);
}

}  // namespace

TEST_CASE("the groups in memory, that tests rest on, keep every rule of the share's contract") {
  for (const auto& rule : contract::share_rules()) {
    SUBCASE(rule.fact) {
      const auto memory = std::make_shared<test::LogMemory>();
      rule.check({[&] { return std::make_unique<test::MemoryLog>(contract::streams(), memory); },
                  [](Log& log, std::string_view group, const std::vector<Stream>& streams) {
                    return std::move(*log.join(group, streams));
                  },
                  [](std::unique_ptr<WorkShare> share) {
                    in_memory(*share).sleep();
                    in_memory(*share).expel();
                  },
                  [](WorkShare& share) {
                    in_memory(share).sleep();
                    in_memory(share).expel();
                  },
                  [](WorkShare& share, const Held& held, Offset next) {
                    auto outcome = share.commit(held, next);
                    in_memory(share).wake();
                    return outcome;
                  }});
    }
  }
}

TEST_CASE("the log in memory, that tests rest on, keeps every rule of the log's contract") {
  for (const auto& rule : contract::rules()) {
    SUBCASE(rule.fact) {
      rule.check(subject_of<test::MemoryLog>(std::make_shared<test::LogMemory>()));
    }
  }
}

TEST_CASE("the log with faults keeps every rule of the log's contract as long as none is wanted") {
  for (const auto& rule : contract::rules()) {
    SUBCASE(rule.fact) {
      rule.check(subject_of<test::FaultyLog>(std::make_shared<test::LogMemory>()));
    }
  }
}

TEST_CASE(
    "the log with faults fails when wanted, for good until it is mended, and keeps the rest") {
  test::FaultyLog log;
  const NewRecord record{"", "a"};
  const auto append = [&] { return log.append(Stream::ledger, 0, {&record, 1}); };
  log.fail_after(1);
  REQUIRE(append());
  for (int again = 0; again < 2; ++again) {
    const auto failed = append();
    REQUIRE_FALSE(failed);
    CHECK(failed.error().kind == ErrorClass::unavailable);
    CHECK(failed.error().code == kLogFailed);
  }
  CHECK(log.appends() == 1);
  CHECK(*log.end(Stream::ledger, 0) == 1);
  log.mend();
  CHECK(*append() == 1);
  log.replace(Stream::ledger, 0, 0, "b");
  CHECK(contract::values_of(contract::read_all(log, Stream::ledger, 0)) ==
        std::vector<std::string>{"b", "a"});
  log.cut(Stream::ledger, 0, 1);
  CHECK(*log.end(Stream::ledger, 0) == 1);
  CHECK(contract::read_all(log, Stream::ledger, 0) == std::vector<Record>{{0, "", "b"}});
}

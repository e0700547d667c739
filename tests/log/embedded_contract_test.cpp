#include <doctest/doctest.h>

#include "core/log/embedded_log.hpp"
#include "tests/log/contract.hpp"
#include "tests/log/share_contract.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;
using namespace fl::log;

TEST_CASE("the embedded log keeps every rule of the log's contract") {
  for (const auto& rule : contract::rules()) {
    SUBCASE(rule.fact) {
      const test::TempDir dir;
      rule.check({[&] {
                    auto opened = EmbeddedLog::open(dir / "log", contract::streams());
                    REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
                    return std::move(*opened);
                  },
                  [](Log& log) { REQUIRE(dynamic_cast<EmbeddedLog&>(log).compact()); }});
    }
  }
}

TEST_CASE("the share of the embedded log keeps every rule of a member that is alone") {
  for (const auto& rule : contract::share_rules()) {
    if (rule.of_several) continue;
    SUBCASE(rule.fact) {
      const test::TempDir dir;
      contract::ShareSubject subject;
      subject.open = [&] {
        auto opened = EmbeddedLog::open(dir / "log", contract::streams());
        REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
        return std::move(*opened);
      };
      rule.check(subject);
    }
  }
}

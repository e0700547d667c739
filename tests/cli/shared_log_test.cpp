#include <doctest/doctest.h>

#include <random>

#include "tests/cli/audited.hpp"
#include "tests/support/seed.hpp"

using namespace fl;

TEST_CASE("a foreign record on a shared log is a warning where the chain goes on behind it") {
  const auto records = test::Story().log.ledger().size();
  for (std::size_t k = 1; k <= records; ++k) {
    test::Story story;
    story.world.stop();
    story.options.ledger.exclusive = false;
    auto& all = story.log.ledger();
    all.insert(all.begin() + static_cast<std::ptrdiff_t>(k), log::Record{0, "", "garbage"});
    story.log.renumber(log::Stream::ledger);
    const auto report = story.audit();
    // The rights name positions before the record was put in: those behind it are off by one.
    const auto& finding = report.findings.kept().front();
    CHECK(finding.code == "void_record");
    CHECK(finding.offset == k);
    CHECK(report.ledger.complete == (k < records));
    CHECK((finding.severity == cli::Finding::Severity::warning) == (k < records));
    CHECK(report.ledger.totals.at("USD").deposits == 10'000);
  }
}

TEST_CASE("a changed record of a shared log stops the audit as on any other") {
  std::mt19937_64 random(test::seed("changed on a shared log"));
  test::Story story;
  story.options.ledger.exclusive = false;
  const auto last = story.audit().ledger.end - 1;
  for (std::size_t k = 1; k < last; ++k) {
    auto& value = story.log.ledger()[k].value;
    const auto whole = value;
    for (int i = 0; i < 20; ++i) {
      const auto at = random() % whole.size();
      value[at] = static_cast<char>(whole[at] ^ (1 << (random() % 8)));
      const auto report = story.audit();
      REQUIRE_MESSAGE(report.findings.count() > 0, "record " << k << ", byte " << at);
      const auto& finding = report.findings.kept().front();
      CHECK(finding.severity == cli::Finding::Severity::error);
      CHECK_FALSE(report.ledger.complete);
      value = whole;
    }
  }
}

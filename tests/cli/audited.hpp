#pragma once

#include <doctest/doctest.h>

#include <string>

#include "cli/audit/verify.hpp"
#include "tests/cli/platform_world.hpp"
#include "tests/cli/recorded_log.hpp"

namespace fl::test {

/// A little of everything, on a log in memory: two owners one after the other, sales of each kind,
/// and activity that rests on them.
struct Story {
  Story();

  RecordedLog log;
  PlatformWorld world{log};
  AccountId ana, ben, eve;  ///< creator, her subscriber and buyer, and somebody without rights
  PostId premium, free;

  cli::VerifyOptions options;  ///< one writer
  cli::AuditReport audit() {
    world.stop();
    cli::Progress progress;
    auto report = cli::verify_log(log, options, nullptr, progress);
    REQUIRE_MESSAGE(report, (report ? "" : report.error().message));
    return std::move(*report);
  }
};

/// Exactly one finding, of this code and at this place.
inline void check_only_finding(const cli::AuditReport& report, const std::string& code,
                               const std::string& place) {
  REQUIRE(report.findings.kept().size() == 1);
  const auto& finding = report.findings.kept().front();
  CHECK_MESSAGE(finding.code == code, finding.detail);
  CHECK_MESSAGE(cli::place_of(finding) == place, finding.detail);
}

}  // namespace fl::test

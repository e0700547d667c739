#include "cli/audit/verify.hpp"

#include <fmt/format.h>

namespace fl::cli {
namespace {

/// Holds a window of rights against the states of the ledger as they pass by.
class Window {
 public:
  Window(std::vector<RightsCheck> checks, Findings& findings)
      : checks_(std::move(checks)), findings_(findings) {}

  void at(std::uint64_t offset, const ledger::State& state) {
    for (; next_ < checks_.size() && checks_[next_].checked_at == offset; ++next_) {
      check_right(checks_[next_], state, findings_);
    }
  }

  void finish(const LedgerFacts& ledger, AuditReport& report) {
    report.rights_checked += next_;
    if (!ledger.complete) {
      report.rights_unchecked += checks_.size() - next_;
      return;
    }
    for (; next_ < checks_.size(); ++next_) {
      const auto& check = checks_[next_];
      findings_.add(activity_finding(
          "checked_beyond_ledger", check.partition, check.offset,
          fmt::format("Its right was checked at ledger offset {}, but the ledger ends at {}.",
                      check.checked_at, ledger.end)));
    }
  }

 private:
  std::vector<RightsCheck> checks_;
  Findings& findings_;
  std::size_t next_ = 0;
};

}  // namespace

Result<AuditReport> verify_log(log::LogReader& log, const VerifyOptions& options,
                               ReadModelCheck* read_models, Progress& progress) {
  AuditReport report;
  Findings activity_findings;
  ActivityScan activity(log, activity_findings, progress);
  bool first = true;
  while (true) {
    auto checks = activity.next(options.rights_window);
    if (!checks) return fail(checks.error());
    if (checks->empty() && !first) break;
    Window window(std::move(*checks), activity_findings);
    Findings seen_before;
    auto ledger = audit_ledger(
        log, options.ledger, first ? report.findings : seen_before, progress,
        [&](std::uint64_t offset, const ledger::State& state) { window.at(offset, state); });
    if (!ledger) return fail(ledger.error());
    window.finish(*ledger, report);
    report.ledger = std::move(*ledger);
    first = false;
  }
  report.findings.add_all(activity_findings);
  report.activity = activity.partitions();
  report.activity_events = activity.events();
  if (read_models == nullptr) {
    report.read_models_skipped = "there are none beside this log";
  } else if (!report.ledger.complete) {
    report.read_models_skipped = "the ledger cannot be followed to its end";
  } else {
    auto facts = read_models->check(log, report.findings);
    if (!facts) return fail(facts.error());
    report.read_models = *facts;
  }
  return report;
}

}  // namespace fl::cli

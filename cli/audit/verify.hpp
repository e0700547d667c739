#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/audit/activity_scan.hpp"
#include "cli/audit/finding.hpp"
#include "cli/audit/ledger_audit.hpp"
#include "cli/audit/progress.hpp"
#include "cli/audit/read_model_check.hpp"

namespace fl::cli {

struct VerifyOptions {
  LedgerAuditOptions ledger;
  /// Rights that wait in memory to be held against the ledger, of about 100 bytes each. Each
  /// further so many cost another replay.
  std::size_t rights_window = 1 << 20;
};

/// All that an audit looked at and found.
struct AuditReport {
  LedgerFacts ledger;
  std::vector<ActivityPartition> activity;
  std::map<std::string, std::uint64_t> activity_events;
  std::uint64_t rights_checked = 0;
  std::uint64_t rights_unchecked = 0;  ///< their ledger offset lies behind where it stopped
  std::optional<ReadModelFacts> read_models;
  std::string read_models_skipped;  ///< why, when they were not looked at
  Findings findings;
};

/// Re-derives everything from the log. `read_models` may be null. Error: the log cannot be read at
/// all; damage is a finding.
Result<AuditReport> verify_log(log::LogReader& log, const VerifyOptions& options,
                               ReadModelCheck* read_models, Progress& progress);

}  // namespace fl::cli

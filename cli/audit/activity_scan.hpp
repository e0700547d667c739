#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "cli/audit/finding.hpp"
#include "cli/audit/progress.hpp"
#include "cli/audit/rights_check.hpp"
#include "core/activity/act.hpp"
#include "core/base/sha256.hpp"
#include "core/ledger/keys.hpp"
#include "core/log/log.hpp"

namespace fl::cli {

/// What was read of one partition of activity.
struct ActivityPartition {
  std::uint32_t partition = 0;
  std::uint64_t records = 0;
  std::uint64_t end = 0;
  Digest head;  ///< running hash over the records, to compare with another audit
};

/// Reads the whole of `activity`, partition by partition: every event must decode and stand where
/// it belongs. What rights it claims comes out in windows of bounded size, to be held against the
/// ledger. Of a partition it keeps in memory whose each comment is and who has written to whom.
class ActivityScan {
 public:
  ActivityScan(log::LogReader& log, Findings& findings, Progress& progress);

  /// Up to `most` further checks, ordered by `checked_at`. Empty at the end. Errors: the log cannot
  /// be read, other than for damage, which is a finding.
  Result<std::vector<RightsCheck>> next(std::size_t most);

  const std::vector<ActivityPartition>& partitions() const { return partitions_; }
  const std::map<std::string, std::uint64_t>& events() const { return events_; }  ///< by kind

 private:
  Status read_some(std::vector<RightsCheck>& checks);
  bool take(const log::Record& record, std::vector<RightsCheck>& checks);
  void next_partition();
  RightsCheck check_of(const pb::ActivityEvent& event, std::uint64_t offset);

  log::LogReader& log_;
  Findings& findings_;
  Progress& progress_;
  std::vector<ActivityPartition> partitions_;
  std::map<std::string, std::uint64_t> events_;
  std::size_t current_ = 0;
  std::uint64_t next_offset_ = 0;
  std::unordered_map<ledger::PairKey, AccountId, ledger::PairKeyHash> comments_;  ///< post, comment
  std::unordered_map<ledger::PairKey, bool, ledger::PairKeyHash> written_;        ///< from, to
};

}  // namespace fl::cli

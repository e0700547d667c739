#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cli/audit/finding.hpp"
#include "cli/audit/posting_sums.hpp"
#include "cli/audit/progress.hpp"
#include "core/ledger/replica.hpp"
#include "core/log/log.hpp"

namespace fl::cli {

/// The head that an earlier audit saw, or that came from elsewhere: of the first `records` records.
struct KnownHead {
  std::uint64_t records = 0;
  Digest head;
};

struct LedgerAuditOptions {
  std::optional<Digest> genesis;  ///< SHA-256 of the first record, as it came out of band
  std::optional<KnownHead> known_head;
  bool exclusive = false;  ///< the log of one machine: nothing is ever void on it
  Instant now;
};

struct FenceSeen {
  std::uint64_t offset = 0;
  std::uint64_t epoch = 0;
  std::string owner_id;
  Instant time;
};
struct VoidSeen {
  std::uint64_t offset = 0;
  std::string reason;
  std::string explanation;  ///< the race that left it behind; empty: none is known
};

/// What the ledger is, as far as it could be followed.
struct LedgerFacts {
  static constexpr std::size_t kListed = 1000;  ///< fences and void records that are named
  std::uint64_t end = 0;                        ///< records in the log
  events::ChainState chain;                     ///< after the last record that was followed
  Digest genesis;
  std::uint64_t batches = 0;
  std::uint64_t signatures = 0;
  std::uint64_t postings = 0;
  std::map<std::string, std::uint64_t> events;  ///< by kind
  std::vector<FenceSeen> fences;
  std::vector<VoidSeen> voids;
  std::map<std::string, CurrencyTotals> totals;
  bool complete = false;  ///< followed to its end
};

/// Called with the state after the first `offset` records, for each, from 0 to the end.
using AtOffset = std::function<void(std::uint64_t offset, const ledger::State&)>;

/// Replays the whole ledger and adds what is wrong to `findings`: chain, fences, rules, signatures,
/// invariants by the fold; balances again by addition. It stops at the first record that cannot be
/// followed; on a shared log a void record that no race explains is passed where the chain goes on
/// behind it. Error: the log cannot be read, other than for damage, which is a finding.
Result<LedgerFacts> audit_ledger(log::LogReader& log, const LedgerAuditOptions& options,
                                 Findings& findings, Progress& progress, const AtOffset& visit);

}  // namespace fl::cli

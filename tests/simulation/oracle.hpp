#pragma once

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "core/owner/candidate.hpp"
#include "tests/simulation/coverage.hpp"

namespace fl::sim {

/// What must never be, was.
struct Violation : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A command given to one node, once.
struct Attempt {
  std::size_t number = 0;
  pb::LedgerEvent draft;
  log::Offset submitted_at = 0;  ///< the end of the log then
  bool answered = false;
};

/// Knows the whole log, and so what every candidate should say. It reads each record once, when it
/// lands, and in the end all of them anew. Throws a Violation.
class Oracle {
 public:
  Oracle(const std::vector<std::string>& log, Coverage& coverage);

  /// A record stands in the log.
  void landed(log::Offset offset, const std::string& stored);
  /// A candidate says so. `served`: by one that serves now.
  void answered(Attempt& attempt, const owner::Outcome& outcome, bool serves);
  /// Nobody will answer any more: its process crashed.
  void lost(const Attempt& attempt) { open_ended_.insert(key_of(attempt.draft)); }
  /// What a candidate believes must be what the log says up to there; and who serves does so upon
  /// the fence that it sent last.
  void look_at(const owner::Candidate& candidate, const Digest& last_fence);
  /// A snapshot of this state, as of this place, was taken.
  void snapshot(const events::ChainState& chain, const ledger::State& state);
  /// After the run: everything again, by a fresh reader.
  void finish();

  const events::ChainState& chain() const { return chains_.back(); }
  const ledger::State& state() const { return truth_.state(); }

 private:
  struct Done {
    ledger::EventPlace place;
    std::string event;
  };
  struct Refusal {
    pb::LedgerEvent draft;
    Error error;
    log::Offset from = 0;
    log::Offset to = 0;
    bool justified = false;
  };

  static Digest key_of(const pb::LedgerEvent& draft);
  void carried_out(const Attempt& attempt, const owner::Accepted& accepted) const;
  void refused(const Attempt& attempt, const Error& error);
  void note(const owner::Outcome& outcome, bool serves);
  void justify(log::Offset from, log::Offset to, const ledger::State& state, Instant time);
  void check_wallets(const ledger::State& state) const;

  const std::vector<std::string>& log_;
  Coverage& coverage_;
  ledger::Replica truth_;
  std::vector<events::ChainState> chains_;  ///< [n]: after n records
  std::map<Digest, Done> done_;
  std::vector<Refusal> refusals_;
  std::size_t first_open_refusal_ = 0;
  std::multimap<log::Offset, Digest> snapshots_;
  std::map<Digest, std::size_t> not_taken_;  ///< commands of which every answer said so
  std::set<Digest> open_ended_;              ///< of which something may come
};

}  // namespace fl::sim

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

#include "cli/audit/finding.hpp"
#include "core/base/wide.hpp"
#include "core/events/codec.hpp"
#include "core/ledger/state.hpp"

namespace fl::cli {

/// What a currency's accounts hold, by kind, in minor units.
struct CurrencyTotals {
  std::string currency;
  unsigned decimals = 0;
  Int128 deposits = 0;  ///< minus what the world outside holds
  Int128 wallets = 0;
  Int128 earnings = 0;
  Int128 fees = 0;
  Int128 sum() const { return wallets + earnings + fees - deposits; }
};

std::string to_text(Int128 value);  ///< in decimal

/// The balances a second time, by nothing but adding up postings: in 128 bits, keyed by the bytes
/// of the posting, without any code of the fold's.
class PostingSums {
 public:
  void add(const pb::LedgerEvent& event);
  std::uint64_t postings() const { return postings_; }

  /// Every balance of the fold against its sum here, and the other way round; Σ = 0.
  void compare(const ledger::State& state, Findings& findings) const;
  std::map<std::string, CurrencyTotals> totals(const ledger::State& state) const;

 private:
  std::unordered_map<std::string, Int128> sums_;
  std::uint64_t postings_ = 0;
};

}  // namespace fl::cli

#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/money.hpp"
#include "core/base/time.hpp"
#include "core/log/log.hpp"

namespace fl::cli {

/// What one account holds at the end of a ledger.
struct BalanceSheet {
  struct Line {
    Currency currency;
    unsigned decimals = 0;
    Amount wallet = 0;
    Amount earnings = 0;
  };
  AccountId account;
  std::string username;
  std::vector<Line> lines;  ///< every currency of the ledger
  std::uint64_t records = 0;
  Instant as_of;
};

/// Folds the whole ledger, with all its checks. `account`: a username, or an id (which wins).
/// Errors: not_found `account_unknown`; unavailable, when the ledger cannot be followed.
Result<BalanceSheet> balance_of(log::LogReader& log, const std::string& account);

void print_balance(const BalanceSheet& sheet, bool json, std::ostream& out);

}  // namespace fl::cli

#pragma once

#include <optional>
#include <vector>

#include "core/base/error.hpp"
#include "core/events/codec.hpp"
#include "core/ledger/keys.hpp"

namespace fl::ledger {

/// One line of an event's double entry, decoded.
struct PostingLine {
  BalanceKey account;
  Amount amount = 0;
  bool operator==(const PostingLine&) const = default;
};

BalanceKey wallet_of(const AccountId& owner, const Currency& currency);
BalanceKey earnings_of(const AccountId& owner, const Currency& currency);
BalanceKey fees_in(const Currency& currency);
BalanceKey clearing_in(const Currency& currency);

/// From `payer`'s wallet: the fee to the platform, the rest to `payee`'s earnings. Lines of zero
/// are left out: a fee may round down to nothing.
std::vector<PostingLine> sale(const AccountId& payer, const AccountId& payee, const Money& price,
                              Amount fee);
std::vector<PostingLine> deposit(const AccountId& account, const Money& amount);

void write_postings(const std::vector<PostingLine>& lines, pb::LedgerEvent& event);
/// One spelling a line: what is read and written again is the same.
Result<std::vector<PostingLine>> read_postings(const pb::LedgerEvent& event);

}  // namespace fl::ledger

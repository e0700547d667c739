#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/money.hpp"
#include "core/base/time.hpp"
#include "projections/projection.hpp"

namespace fl::projections {

/// The kinds of ledger accounts, by their numbers in schemas/ledger.proto.
enum class BookKind : std::uint8_t { wallet = 1, earnings = 2, fees = 3, clearing = 4 };

/// A ledger account. Owner zero: the platform's.
struct Book {
  BookKind kind = BookKind::wallet;
  AccountId owner;
  bool operator==(const Book&) const = default;
};

enum class EntryKind : std::uint8_t { deposit = 1, purchase = 2, subscription = 3, tip = 4 };
const char* to_string(EntryKind kind);  ///< "deposit", …

/// One movement on one account.
struct StatementRow {
  std::uint64_t event_seq = 0;
  Instant time;
  EntryKind kind = EntryKind::deposit;
  EntryId entry;
  Money amount;                ///< signed: what it did to this account
  Amount balance = 0;          ///< after it, in the same currency
  std::optional<Book> other;   ///< the other side, fees aside
  Amount fee = 0;              ///< what the platform took of the whole payment
  std::optional<PostId> post;  ///< bought, or tipped for
  std::string reference;       ///< of a deposit
};

/// Balances and statements, from the postings alone.
class Wallets : public Projection {
 public:
  Wallets() : Projection("wallets", 1) {}
  using Projection::apply;
  Status apply(Txn& txn, const LedgerEventAt& at) override;

  Amount balance(const View& view, const Book& book, const Currency& currency) const;
  /// In each currency that it ever held, in the order of their codes.
  std::vector<Money> balances(const View& view, const Book& book) const;
  /// Newest first, all currencies.
  Result<Listing<StatementRow>> statement(const View& view, const Book& book,
                                          const Page& page) const;
};

}  // namespace fl::projections

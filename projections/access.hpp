#pragma once

#include <optional>

#include "core/base/ids.hpp"
#include "core/base/money.hpp"
#include "core/base/time.hpp"
#include "projections/projection.hpp"

namespace fl::projections {

struct PurchaseRow {
  PostId post;
  AccountId buyer;
  EntryId entry;
  std::uint64_t event_seq = 0;
  Instant time;
  Money price;
};

/// The latest subscription of a pair.
struct SubscriptionRow {
  AccountId subscriber;
  AccountId creator;
  EntryId entry;
  std::uint64_t event_seq = 0;
  Instant started;
  Money price;
  Instant ends;  ///< meaningless for a follow, which has no end
  bool follow = false;

  bool active_at(Instant now) const { return follow || now < ends; }
};

/// Rights, by the facts that give them. The policy that reads them is core/ledger/access.hpp.
class Access : public Projection {
 public:
  Access() : Projection("access", 1) {}
  using Projection::apply;
  Status apply(Txn& txn, const LedgerEventAt& at) override;

  std::optional<PurchaseRow> purchase(const View& view, const AccountId& buyer,
                                      const PostId& post) const;
  std::optional<SubscriptionRow> subscription(const View& view, const AccountId& subscriber,
                                              const AccountId& creator) const;
  /// Newest first.
  Result<Listing<PurchaseRow>> purchases(const View& view, const AccountId& buyer,
                                         const Page& page) const;
  /// Newest first, with those that are over; each pair once.
  Result<Listing<SubscriptionRow>> subscriptions(const View& view, const AccountId& subscriber,
                                                 const Page& page) const;
  /// Paid subscriptions that are active at `now`. Exact; reads one row an hour of paid time, and
  /// the rows of those that end within this hour.
  std::uint64_t subscriber_count(const View& view, const AccountId& creator, Instant now) const;
  std::uint64_t follower_count(const View& view, const AccountId& creator) const;
};

}  // namespace fl::projections

#pragma once

#include <optional>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "projections/projection.hpp"

namespace fl::projections {

struct FeedItem {
  PostId post;
  AccountId author;
  bool premium = false;
  Instant published;
  std::uint64_t event_seq = 0;
};

struct FeedFilter {
  std::optional<AccountId> author;
  bool premium_only = false;
};

/// All posts that are not deleted, newest first.
class Feed : public Projection {
 public:
  Feed() : Projection("feed", 1) {}
  using Projection::apply;
  Status apply(Txn& txn, const LedgerEventAt& at) override;

  Result<Listing<FeedItem>> newest(const View& view, const FeedFilter& filter,
                                   const Page& page) const;
};

}  // namespace fl::projections

#pragma once

#include "core/activity/notices.hpp"
#include "projections/projection.hpp"

namespace fl::projections {

struct Notice {
  activity::NoticeRow row;
  bool read = false;
};

/// Notices of each account. They have ids of their own, so a repeated event is seen.
class Notices : public Projection {
 public:
  Notices() : Projection("notices", 1) {}
  using Projection::apply;
  Status apply(Txn& txn, const ActivityEventAt& at) override;

  /// Totals, unread and read-up-to.
  activity::NoticeHead head(const View& view, const AccountId& account) const;
  /// Newest first.
  Result<Listing<Notice>> newest(const View& view, const AccountId& account,
                                 const Page& page) const;
};

}  // namespace fl::projections

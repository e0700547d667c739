#pragma once

#include <optional>

#include "core/activity/notices.hpp"
#include "core/log/log.hpp"
#include "projections/projection.hpp"

namespace fl::projections {

struct Notice {
  activity::NoticeRow row;
  bool read = false;
};

/// Notices of each account. They have ids of their own, so a repeated event is seen; what marks
/// them as read is asked for by clients, each id once (seen_ids.hpp).
class Notices : public Projection {
 public:
  Notices() : Projection("notices", 2) {}
  using Projection::apply;
  Status apply(Txn& txn, const ActivityEventAt& at) override;

  /// Totals, unread and read-up-to.
  activity::NoticeHead head(const View& view, const AccountId& account) const;
  /// The notice whose event stands at this offset; nothing when that event was void.
  std::optional<Notice> notice_at(const View& view, const AccountId& account,
                                  log::Offset offset) const;
  /// Newest first.
  Result<Listing<Notice>> newest(const View& view, const AccountId& account,
                                 const Page& page) const;
};

}  // namespace fl::projections

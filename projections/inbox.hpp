#pragma once

#include <optional>

#include "core/activity/conversations.hpp"
#include "core/log/log.hpp"
#include "projections/projection.hpp"

namespace fl::projections {

struct Conversation {
  ConversationId id;
  AccountId other;           ///< than the one who asked
  std::uint64_t unread = 0;  ///< for the one who asked: received since it last wrote
  activity::ConversationRow row;
  std::optional<activity::MessageRow> last;
};

/// Conversations and messages, each id of an event and each message once (seen_ids.hpp).
class Inbox : public Projection {
 public:
  Inbox() : Projection("inbox", 2) {}
  using Projection::apply;
  Status apply(Txn& txn, const ActivityEventAt& at) override;

  /// Those of an account, the one with the newest message first.
  Result<Listing<Conversation>> conversations(const View& view, const AccountId& account,
                                              const Page& page) const;
  /// `row.members[0]` wrote first. Nothing while nobody has written.
  std::optional<activity::ConversationRow> conversation(const View& view,
                                                        const ConversationId& id) const;
  /// Whether `from` has ever written to `to`.
  bool has_written(const View& view, const AccountId& from, const AccountId& to) const;
  /// Newest first. That the asker is a member is the caller's to check.
  Result<Listing<activity::MessageRow>> messages(const View& view, const ConversationId& id,
                                                 const Page& page) const;
  /// The message whose event stands at this offset; nothing when that event was void.
  std::optional<activity::MessageRow> message_at(const View& view, const ConversationId& id,
                                                 log::Offset offset) const;
};

}  // namespace fl::projections

#pragma once

#include <optional>

#include "core/activity/social.hpp"
#include "projections/projection.hpp"

namespace fl::projections {

struct Comment {
  CommentId id;
  activity::CommentRow row;
};

/// Likes and comments, each id of an event once (seen_ids.hpp).
class Social : public Projection {
 public:
  Social() : Projection("social", 2) {}
  using Projection::apply;
  Status apply(Txn& txn, const ActivityEventAt& at) override;

  activity::SocialCounts counts(const View& view, const PostId& post) const;
  bool has_liked(const View& view, const PostId& post, const AccountId& account) const;
  /// Also when deleted, then without its text.
  std::optional<Comment> comment(const View& view, const PostId& post, const CommentId& id) const;
  /// Newest first, without the deleted.
  Result<Listing<Comment>> comments(const View& view, const PostId& post, const Page& page) const;
};

}  // namespace fl::projections

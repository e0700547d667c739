#include "projections/social.hpp"

#include "projections/events_at.hpp"
#include "projections/listing.hpp"
#include "projections/row_key.hpp"
#include "projections/seen_ids.hpp"

namespace fl::projections {
namespace {

using activity::Verdict;

// 'l' post account   → (liked)            'n' post          → SocialCounts
// 'k' post comment   → CommentRow         'K' post ~offset  → comment (not deleted)
// 'd' partition id   → SeenRow
RowKey counts_key(const PostId& post) {
  return RowKey('n').id(post);
}
RowKey like_key(const PostId& post, const AccountId& account) {
  return RowKey('l').id(post).id(account);
}
/// With the post, though ids of comments are their own: who names the same id under two posts makes
/// two comments, in whatever order their partitions are read.
RowKey comment_key(const PostId& post, const CommentId& comment) {
  return RowKey('k').id(post).id(comment);
}

activity::SocialCounts counts_in(Txn& txn, const PostId& post) {
  return decoded(txn.get(counts_key(post)), activity::decode_social_counts, txn.projection())
      .value_or(activity::SocialCounts{});
}

template <class Body>
void like(Txn& txn, const activity::Act& act, const Body& body) {
  const auto post = PostId::from_raw(body.post());
  auto counts = counts_in(txn, post);
  const auto key = like_key(post, act.actor);
  bool liked = txn.get(key).has_value();
  if (fold(liked, counts, act, body) != Verdict::applied) return;
  if (liked) {
    txn.put(key, "");
  } else {
    txn.erase(key);
  }
  txn.put(counts_key(post), encode(counts));
}

template <class Body>
void comment_on(Txn& txn, const activity::Act& act, const Body& body) {
  const auto post = PostId::from_raw(body.post());
  const auto id = CommentId::from_raw(body.comment());
  auto counts = counts_in(txn, post);
  auto row = decoded(txn.get(comment_key(post, id)), activity::decode_comment, txn.projection());
  if (fold(row, counts, act, body) != Verdict::applied) return;
  const auto listed = RowKey('K').id(post).newest_first(row->offset);
  if (row->deleted) {
    txn.erase(listed);
  } else {
    txn.put(listed, id.raw());
  }
  txn.put(comment_key(post, id), encode(*row));
  txn.put(counts_key(post), encode(counts));
}

}  // namespace

Status Social::apply(Txn& txn, const ActivityEventAt& at) {
  const auto& event = at.event;
  switch (event.body_case()) {
    case pb::ActivityEvent::kLiked:
    case pb::ActivityEvent::kUnliked:
    case pb::ActivityEvent::kCommented:
    case pb::ActivityEvent::kCommentDeleted:
      break;
    case pb::ActivityEvent::kMessageSent:
    case pb::ActivityEvent::kUploadStarted:
    case pb::ActivityEvent::kUploadChunk:
    case pb::ActivityEvent::kUploadEnded:
    case pb::ActivityEvent::kJobClaimed:
    case pb::ActivityEvent::kJobEnded:
    case pb::ActivityEvent::kNoticed:
    case pb::ActivityEvent::kNoticesRead:
    case pb::ActivityEvent::BODY_NOT_SET:
      return {};
  }
  const auto act = activity::act_of(event, at.partition, at.offset);
  if (!activity::well_formed(event) || seen_before(txn, act)) return {};
  if (event.has_liked()) like(txn, act, event.liked());
  if (event.has_unliked()) like(txn, act, event.unliked());
  if (event.has_commented()) comment_on(txn, act, event.commented());
  if (event.has_comment_deleted()) comment_on(txn, act, event.comment_deleted());
  return {};
}

activity::SocialCounts Social::counts(const View& view, const PostId& post) const {
  return decoded(view.get(name(), counts_key(post)), activity::decode_social_counts, name())
      .value_or(activity::SocialCounts{});
}

bool Social::has_liked(const View& view, const PostId& post, const AccountId& account) const {
  return view.get(name(), like_key(post, account)).has_value();
}

std::optional<Comment> Social::comment(const View& view, const PostId& post,
                                       const CommentId& id) const {
  auto row = decoded(view.get(name(), comment_key(post, id)), activity::decode_comment, name());
  if (!row) return std::nullopt;
  return Comment{id, *std::move(row)};
}

Result<Listing<Comment>> Social::comments(const View& view, const PostId& post,
                                          const Page& page) const {
  return listing_of_ids<CommentId>(view, name(), RowKey('K').id(post), page,
                                   [&](const CommentId& id) { return comment(view, post, id); });
}

}  // namespace fl::projections

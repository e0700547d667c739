#include "core/activity/social.hpp"

#include "core/base/assert.hpp"
#include "core/base/encoding.hpp"

namespace fl::activity {
namespace {
constexpr std::uint8_t kCountsVersion = 1;
constexpr std::uint8_t kCommentVersion = 1;
}  // namespace

std::string encode(const SocialCounts& row) {
  std::string out;
  put_u8(out, kCountsVersion);
  put_u64(out, row.likes);
  put_u64(out, row.comments);
  return out;
}

std::optional<SocialCounts> decode_social_counts(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  SocialCounts row;
  row.likes = in.u64();
  row.comments = in.u64();
  if (!in.done() || version != kCountsVersion) return std::nullopt;
  return row;
}

std::string encode(const CommentRow& row) {
  std::string out;
  put_u8(out, kCommentVersion);
  out.append(row.post.view());
  out.append(row.author.view());
  put_bytes(out, row.text);
  put_i64(out, row.time_ms);
  put_u32(out, row.partition);
  put_u64(out, row.offset);
  put_u8(out, row.deleted ? 1 : 0);
  out.append(row.deleted_by.view());
  return out;
}

std::optional<CommentRow> decode_comment(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  CommentRow row;
  row.post = PostId::from_raw(in.raw(16));
  row.author = AccountId::from_raw(in.raw(16));
  row.text = in.bytes();
  row.time_ms = in.i64();
  row.partition = in.u32();
  row.offset = in.u64();
  row.deleted = in.u8() != 0;
  row.deleted_by = AccountId::from_raw(in.raw(16));
  if (!in.done() || version != kCommentVersion) return std::nullopt;
  return row;
}

Verdict fold(bool& liked, SocialCounts& counts, const Act& act, const pb::Liked&) {
  if (act.actor.is_zero()) return Verdict::malformed;
  if (liked) return Verdict::repeated;
  liked = true;
  ++counts.likes;
  return Verdict::applied;
}

Verdict fold(bool& liked, SocialCounts& counts, const Act& act, const pb::Unliked&) {
  if (act.actor.is_zero()) return Verdict::malformed;
  if (!liked) return Verdict::unknown;
  FL_ASSERT(counts.likes > 0);
  liked = false;
  --counts.likes;
  return Verdict::applied;
}

Verdict fold(std::optional<CommentRow>& row, SocialCounts& counts, const Act& act,
             const pb::Commented& body) {
  if (act.actor.is_zero()) return Verdict::malformed;
  if (row) return Verdict::repeated;
  row.emplace();
  row->post = PostId::from_raw(body.post());
  row->author = act.actor;
  row->text = body.text().SerializeAsString();
  row->time_ms = act.time_ms;
  row->partition = act.partition;
  row->offset = act.offset;
  ++counts.comments;
  return Verdict::applied;
}

Verdict fold(std::optional<CommentRow>& row, SocialCounts& counts, const Act& act,
             const pb::CommentDeleted& body) {
  if (!row || row->post.view() != body.post()) return Verdict::unknown;
  if (row->deleted) return Verdict::repeated;
  FL_ASSERT(counts.comments > 0);
  row->deleted = true;
  row->deleted_by = act.actor;
  row->text.clear();
  --counts.comments;
  return Verdict::applied;
}

}  // namespace fl::activity

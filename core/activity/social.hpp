#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/activity/act.hpp"

namespace fl::activity {

/// What a post has gathered, exactly.
struct SocialCounts {
  std::uint64_t likes = 0;
  std::uint64_t comments = 0;  ///< without the deleted ones
  bool operator==(const SocialCounts&) const = default;
};

struct CommentRow {
  PostId post;
  AccountId author;
  std::string text;  ///< an encoded Sealed; empty once deleted
  std::int64_t time_ms = 0;
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
  bool deleted = false;
  AccountId deleted_by;
  bool operator==(const CommentRow&) const = default;
};

std::string encode(const SocialCounts& row);
std::optional<SocialCounts> decode_social_counts(std::string_view bytes);
std::string encode(const CommentRow& row);
std::optional<CommentRow> decode_comment(std::string_view bytes);

/// Likes are a set: `liked` says whether the actor is in it. The caller has put aside events whose
/// id was seen before, or a like that is delivered twice would undo the unlike between.
Verdict fold(bool& liked, SocialCounts& counts, const Act& act, const pb::Liked& body);
Verdict fold(bool& liked, SocialCounts& counts, const Act& act, const pb::Unliked& body);

/// The row's key is the comment's id. A deletion is accepted from any actor: that it is the author
/// of the comment or of the post was the admitting node's decision, for the post's author is a
/// fact of the ledger.
Verdict fold(std::optional<CommentRow>& row, SocialCounts& counts, const Act& act,
             const pb::Commented& body);
Verdict fold(std::optional<CommentRow>& row, SocialCounts& counts, const Act& act,
             const pb::CommentDeleted& body);

}  // namespace fl::activity

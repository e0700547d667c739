#include "core/activity/social.hpp"

#include <doctest/doctest.h>

#include "tests/activity/acts.hpp"

using namespace fl;
using namespace fl::tests;
using activity::CommentRow;
using activity::SocialCounts;
using activity::Verdict;

TEST_CASE("likes are a set: the first counts one, a second is void, each can be undone [D24]") {
  bool liked = false;
  SocialCounts counts;
  CHECK(fold(liked, counts, act(0, "fan"), pb::Unliked()) == Verdict::unknown);
  CHECK(fold(liked, counts, act(1, "fan"), pb::Liked()) == Verdict::applied);
  CHECK(counts.likes == 1);
  CHECK(fold(liked, counts, act(2, "fan"), pb::Liked()) == Verdict::repeated);
  CHECK(counts.likes == 1);
  CHECK(fold(liked, counts, act(3, "fan"), pb::Unliked()) == Verdict::applied);
  CHECK(counts.likes == 0);
  CHECK(fold(liked, counts, act(4, "fan"), pb::Unliked()) == Verdict::unknown);
  CHECK(counts.likes == 0);
  CHECK(fold(liked, counts, act(5, ""), pb::Liked()) == Verdict::malformed);
}

TEST_CASE("a comment is made once and deleted once, and leaves no text behind") {
  std::optional<CommentRow> row;
  SocialCounts counts;
  pb::Commented made;
  made.set_post(named<PostId>("p").raw());
  *made.mutable_text() = sealed("hello");
  pb::CommentDeleted gone;
  gone.set_post(made.post());
  CHECK(fold(row, counts, act(1, "fan"), gone) == Verdict::unknown);
  CHECK(fold(row, counts, act(2, "fan"), made) == Verdict::applied);
  CHECK(fold(row, counts, act(3, "fan"), made) == Verdict::repeated);
  CHECK(counts.comments == 1);
  CHECK(row->offset == 2);
  CHECK(activity::decode_comment(encode(*row)) == row);
  auto of_another_post = gone;
  of_another_post.set_post(named<PostId>("q").raw());
  CHECK(fold(row, counts, act(4, "fan"), of_another_post) == Verdict::unknown);
  CHECK(fold(row, counts, act(5, "author of the post"), gone) == Verdict::applied);
  CHECK(row->deleted);
  CHECK(row->deleted_by == account("author of the post"));
  CHECK(row->text.empty());
  CHECK(fold(row, counts, act(6, "fan"), gone) == Verdict::repeated);
  CHECK(fold(row, counts, act(7, "fan"), made) == Verdict::repeated);
  CHECK(counts.comments == 0);
}

TEST_CASE("counts are read as they were written, and nothing else is") {
  const SocialCounts counts{3, 4};
  CHECK(activity::decode_social_counts(encode(counts)) == counts);
  CHECK_FALSE(activity::decode_social_counts("\x02" + encode(counts).substr(1)));
  CHECK_FALSE(activity::decode_social_counts(""));
}

#include "core/activity/notices.hpp"

#include <doctest/doctest.h>

#include "tests/activity/acts.hpp"

using namespace fl;
using namespace fl::tests;
using activity::NoticeHead;
using activity::Verdict;

namespace {

pb::Noticed notice(const char* id) {
  pb::Noticed body;
  body.set_notice(named<NoticeId>(id).raw());
  body.set_kind(pb::NOTICE_KIND_TIP);
  body.set_by(account("fan").raw());
  body.set_amount(500);
  body.set_currency("USD");
  return body;
}
pb::NoticesRead read(std::uint64_t up_to) {
  pb::NoticesRead body;
  body.set_up_to(up_to);
  return body;
}

}  // namespace

TEST_CASE("a notice is told once, and is unread until read") {
  NoticeHead head;
  CHECK(fold(head, false, act(1, ""), notice("a")) == Verdict::applied);
  CHECK(fold(head, true, act(2, ""), notice("a")) == Verdict::repeated);
  CHECK(fold(head, false, act(3, ""), notice("b")) == Verdict::applied);
  auto blank = notice("c");
  blank.clear_kind();
  CHECK(fold(head, false, act(4, ""), blank) == Verdict::malformed);
  CHECK(head.unread() == 2);
  CHECK(fold(head, 1, act(5, "creator"), read(1)) == Verdict::applied);
  CHECK(head.unread() == 1);
  CHECK(head.read_up_to == 1);
  CHECK(fold(head, 1, act(6, "creator"), read(2)) == Verdict::repeated);
  CHECK(fold(head, 0, act(6, "creator"), read(0)) == Verdict::repeated);
  CHECK(head.read_up_to == 1);
  CHECK(fold(head, 2, act(7, "creator"), read(1'000'000)) == Verdict::applied);
  CHECK(head.unread() == 0);
  CHECK(head.read_up_to == 7);
}

TEST_CASE("the rows of notices are read as they were written, and nothing else is") {
  const NoticeHead head{5, 3, 17};
  CHECK(activity::decode_notice_head(encode(head)) == head);
  const auto row = activity::notice_of(act(4, ""), notice("a"));
  CHECK(activity::decode_notice(encode(row)) == row);
  CHECK_FALSE(activity::decode_notice(encode(row) + "x"));
  CHECK(row.by == account("fan"));
  CHECK(row.offset == 4);
}

#include <doctest/doctest.h>

#include <set>

#include "schemas/ledger.pb.h"
#include "tests/activity/acts.hpp"

using namespace fl;
using namespace fl::tests;
using activity::well_formed;

namespace {

pb::ActivityEvent like() {
  pb::ActivityEvent event;
  event.set_format(1);
  event.set_id(named<EventId>("e").raw());
  event.set_actor(account("fan").raw());
  event.set_about(named<PostId>("p").raw());
  event.set_time_ms(7);
  event.mutable_liked()->set_post(named<PostId>("p").raw());
  return event;
}

}  // namespace

TEST_CASE("a stored event is decoded as it was written") {
  auto event = like();
  event.set_command_mac(std::string(32, 'm'));
  const auto decoded = activity::decode(event.SerializeAsString());
  REQUIRE(decoded);
  CHECK(decoded->SerializeAsString() == event.SerializeAsString());
  const auto act = activity::act_of(*decoded, 3, 9);
  CHECK(act.actor == account("fan"));
  CHECK(act.partition == 3);
  CHECK(act.offset == 9);
  CHECK(act.mac == event.command_mac());
}

TEST_CASE("what this version does not know stops the reader") {
  auto other_format = like();
  other_format.set_format(2);
  auto no_body = like();
  no_body.clear_body();
  auto unknown_value = like();
  unknown_value.mutable_noticed()->set_kind(static_cast<pb::NoticeKind>(999));
  auto unknown_outcome = like();
  unknown_outcome.mutable_job_ended()->set_outcome(static_cast<pb::JobOutcome>(999));
  auto nested = like();
  nested.mutable_liked()
      ->GetReflection()
      ->MutableUnknownFields(nested.mutable_liked())
      ->AddVarint(99, 1);
  auto outer = like();
  outer.GetReflection()->MutableUnknownFields(&outer)->AddLengthDelimited(200, "new body");
  for (const auto& event : {other_format, no_body, unknown_value, unknown_outcome, nested, outer}) {
    CAPTURE(event.ShortDebugString());
    const auto decoded = activity::decode(event.SerializeAsString());
    REQUIRE_FALSE(decoded);
    CHECK(decoded.error().code == "activity_unknown");
  }
  const auto damaged = activity::decode("\xff\xff\xff");
  REQUIRE_FALSE(damaged);
  CHECK(damaged.error().code == "activity_unparsable");
}

TEST_CASE("an event with a wrong id, or under another subject than its own, is void") {
  CHECK(well_formed(like()));
  auto short_id = like();
  short_id.set_id("short");
  CHECK_FALSE(well_formed(short_id));
  auto no_about = like();
  no_about.clear_about();
  CHECK_FALSE(well_formed(no_about));
  auto elsewhere = like();
  elsewhere.set_about(named<PostId>("other").raw());
  CHECK_FALSE(well_formed(elsewhere));
  auto odd_actor = like();
  odd_actor.set_actor("x");
  CHECK_FALSE(well_formed(odd_actor));
  auto cut_mac = like();
  cut_mac.set_command_mac(std::string(31, 'm'));
  CHECK_FALSE(well_formed(cut_mac));
  cut_mac.set_command_mac(std::string(32, 'm'));
  CHECK(well_formed(cut_mac));
  auto chunk = like();
  chunk.mutable_upload_chunk()->set_media(chunk.about());
  chunk.mutable_upload_chunk()->set_blob("not a digest");
  CHECK_FALSE(well_formed(chunk));
  chunk.mutable_upload_chunk()->set_blob(std::string(32, 'x'));
  CHECK(well_formed(chunk));
  auto read = like();
  read.mutable_notices_read()->set_up_to(1);
  CHECK_FALSE(well_formed(read));  // another's notices
  read.set_about(read.actor());
  CHECK(well_formed(read));
}

TEST_CASE("a subject has one partition, and subjects spread over all") {
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 200; ++i) {
    const auto about = named<PostId>(std::to_string(i)).raw();
    const auto partition = activity::partition_of(about, 8);
    CHECK(partition == activity::partition_of(about, 8));
    seen.insert(partition);
  }
  CHECK(seen.size() == 8);
  CHECK(*seen.rbegin() == 7);
}

#include <fmt/format.h>

#include <random>
#include <thread>

#include "tests/projections/world.hpp"

using namespace fl;
using namespace fl::tests;
using namespace fl::projections;

TEST_CASE(
    "likes are counted exactly however they interleave, doubles and repeats with them [D26]") {
  const auto seed = std::random_device{}();
  MESSAGE("seed " << seed);
  World world;
  // Four nodes append at once; each person's own acts are in one node.
  std::vector<std::thread> nodes;
  constexpr int kPeople = 40;
  std::vector<int> likes(kPeople, 0);
  for (unsigned node = 0; node < 4; ++node) {
    nodes.emplace_back([&, node] {
      std::mt19937 random(seed + node);
      for (int i = 0; i < 300; ++i) {
        const int who = static_cast<int>(random() % (kPeople / 4)) * 4 + static_cast<int>(node);
        const bool like = random() % 2 == 0;
        const auto event =
            liked(fmt::format("{}-{}", node, i), "fan" + std::to_string(who), "post", like);
        world.activity(event);
        if (random() % 4 == 0) world.activity(event);  // delivered twice
        likes[static_cast<std::size_t>(who)] = like ? 1 : 0;
      }
    });
  }
  for (auto& node : nodes) node.join();
  const auto view = world.view();
  std::uint64_t expected = 0;
  for (int who = 0; who < kPeople; ++who) {
    const bool likes_it = likes[static_cast<std::size_t>(who)] == 1;
    expected += likes_it ? 1 : 0;
    CHECK(world.models.social.has_liked(view, named<PostId>("post"),
                                        account("fan" + std::to_string(who))) == likes_it);
  }
  CHECK(world.models.social.counts(view, named<PostId>("post")).likes == expected);
}

TEST_CASE("a like that is delivered again does not undo the unlike between") {
  World world;
  const auto like = liked("1", "fan", "post");
  world.activity(like);
  world.activity(liked("2", "fan", "post", false));
  world.activity(like);
  const auto view = world.view();
  CHECK(world.models.social.counts(view, named<PostId>("post")).likes == 0);
  CHECK_FALSE(world.models.social.has_liked(view, named<PostId>("post"), account("fan")));
}

TEST_CASE("comments are listed newest first, without the deleted, each post its own") {
  World world;
  for (const char* id : {"a", "b", "c"}) world.activity(commented(id, "fan", "post"));
  auto same_id = commented("a", "fan", "other");  // still another post's comment
  same_id.set_id(named<EventId>("another event").raw());
  world.activity(same_id);
  world.activity(comment_deleted("d", "b", "fan", "post"));
  world.activity(comment_deleted("e", "c", "fan", "other"));  // not a comment of that post
  const auto view = world.view();
  const auto post = named<PostId>("post");
  const auto list = world.models.social.comments(view, post, {})->items;
  REQUIRE(list.size() == 2);
  CHECK(list[0].id == named<CommentId>("c"));
  CHECK(list[1].id == named<CommentId>("a"));
  CHECK(list[1].row.author == account("fan"));
  CHECK(list[1].row.text == sealed("a").SerializeAsString());
  CHECK(world.models.social.counts(view, post).comments == 2);
  CHECK(world.models.social.counts(view, named<PostId>("other")).comments == 1);
  CHECK(world.models.social.comment(view, post, named<CommentId>("b"))->row.deleted);
  CHECK_FALSE(world.models.social.comment(view, post, named<CommentId>("z")));
}

TEST_CASE("conversations are listed by their newest message, with what is unread") {
  World world;
  world.activity(message("1", "fan", "ada", 100));
  world.activity(message("2", "fan", "eve", 200));
  world.activity(message("3", "ada", "fan", 300));
  world.activity(message("3", "ada", "fan", 400));  // delivered twice
  world.activity(message("4", "ada", "fan", 350));
  auto view = world.view();
  const auto& inbox = world.models.inbox;
  const auto mine = inbox.conversations(view, account("fan"), {})->items;
  REQUIRE(mine.size() == 2);
  CHECK(mine[0].other == account("ada"));
  CHECK(mine[0].unread == 2);
  CHECK(mine[0].row.members[0].account == account("fan"));
  REQUIRE(mine[0].last);
  CHECK(mine[0].last->id == named<MessageId>("4"));
  CHECK(mine[1].other == account("eve"));
  CHECK(mine[1].unread == 0);
  const auto hers = inbox.conversations(view, account("eve"), {})->items;
  REQUIRE(hers.size() == 1);
  CHECK(hers[0].unread == 1);
  const auto messages =
      inbox.messages(view, conversation_of(account("ada"), account("fan")), {})->items;
  REQUIRE(messages.size() == 3);
  CHECK(messages[0].id == named<MessageId>("4"));
  CHECK(messages[2].from == account("fan"));
  CHECK(inbox.has_written(view, account("fan"), account("eve")));
  CHECK_FALSE(inbox.has_written(view, account("eve"), account("fan")));
  CHECK_FALSE(inbox.has_written(view, account("eve"), account("ada")));
  world.activity(message("5", "eve", "fan", 500));
  view = world.view();
  CHECK(inbox.conversations(view, account("fan"), {})->items[0].other == account("eve"));
}

TEST_CASE("notices are listed newest first, and read up to a position") {
  World world;
  std::vector<log::Position> told;
  for (int i = 0; i < 7; ++i) {
    told.push_back(world.activity(noticed("n" + std::to_string(i), "ada")));
    world.activity(noticed("n" + std::to_string(i), "ada"));  // told twice
    world.activity(noticed("n" + std::to_string(i), "eve"));  // the same id, another person
  }
  const auto& notices = world.models.notices;
  CHECK(notices.head(world.view(), account("ada")).unread() == 7);
  world.activity(notices_read("r1", "ada", told[2].offset));
  auto view = world.view();
  CHECK(notices.head(view, account("ada")).unread() == 4);
  CHECK(notices.head(view, account("ada")).read_up_to == told[2].offset);
  CHECK(notices.head(view, account("eve")).unread() == 7);
  const auto list = notices.newest(view, account("ada"), {})->items;
  REQUIRE(list.size() == 7);
  CHECK(list[0].row.id == named<NoticeId>("n6"));
  CHECK_FALSE(list[3].read);
  CHECK(list[4].read);
  world.activity(notices_read("r2", "ada", told[0].offset));  // back: nothing
  world.activity(notices_read("r3", "ada", 1'000'000));
  world.activity(noticed("n7", "ada"));
  view = world.view();
  CHECK(notices.head(view, account("ada")).unread() == 1);
  auto foreign = notices_read("r4", "eve", 1'000'000);
  foreign.set_about(account("ada").raw());  // eve would read ada's notices
  world.activity(foreign);
  CHECK(notices.head(world.view(), account("ada")).unread() == 1);
}

TEST_CASE("an upload's chunks are kept in order, and only open uploads count") {
  World world;
  world.activity(upload_started("m1", "ada", 10, 100));
  world.activity(upload_started("m2", "ada", 10, 200));
  world.activity(upload_started("m3", "ada", 10, 300));
  world.activity(upload_chunk("m1", "ada", 0, 4));
  world.activity(upload_chunk("m1", "ada", 0, 4));  // sent twice
  world.activity(upload_chunk("m1", "ada", 4, 6));
  world.activity(upload_chunk("m1", "eve", 4, 6));
  world.activity(upload_ended("m2", "ada"));
  world.activity(upload_chunk("m2", "ada", 0, 10));  // after the end
  auto view = world.view();
  const auto& uploads = world.models.uploads;
  CHECK(uploads.upload(view, named<MediaId>("m1"))->complete());
  const auto chunks = uploads.chunks(view, named<MediaId>("m1"));
  REQUIRE(chunks.size() == 2);
  CHECK(chunks[1].offset == 4);
  CHECK(chunks[1].blob == sha256("4"));
  CHECK(uploads.chunks(view, named<MediaId>("m2")).empty());
  CHECK(uploads.upload(view, named<MediaId>("m2"))->end == pb::UPLOAD_END_CANCELLED);
  CHECK(uploads.open_count(view, account("ada")) == 1);
  const auto list = uploads.uploads_of(view, account("ada"), {})->items;
  REQUIRE(list.size() == 3);
  CHECK(list[0].media == named<MediaId>("m3"));
  world.activity(upload_ended("m1", ""));  // refused after it was complete
  view = world.view();
  CHECK(uploads.upload(view, named<MediaId>("m1"))->ended());
  CHECK(uploads.open_count(view, account("ada")) == 1);
}

TEST_CASE("a claim that is delivered twice does not supersede itself") {
  World world;
  const auto claim = job_claimed("c1", "job");
  const auto token = world.activity(claim).offset;
  world.activity(claim);
  CHECK(world.models.jobs.job(world.view(), named<JobId>("job")).token == token);
  world.activity(job_ended("e1", "job", token, pb::JOB_OUTCOME_DONE));
  const auto view = world.view();
  CHECK(world.models.jobs.job(view, named<JobId>("job")).state == activity::JobState::done);
  CHECK(world.models.jobs.job(view, named<JobId>("job")).attempts.size() == 1);
  CHECK(world.models.jobs.job(view, named<JobId>("x")).state == activity::JobState::queued);
}

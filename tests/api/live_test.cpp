#include <doctest/doctest.h>
#include <fmt/format.h>

#include <thread>

#include "core/activity/act.hpp"
#include "core/events/codec.hpp"
#include "core/log/embedded_log.hpp"
#include "core/secrets/subject_keys.hpp"
#include "projections/runner.hpp"
#include "tests/api/house.hpp"
#include "tests/api/live_client.hpp"
#include "tests/api_http/raw_client.hpp"

using namespace fl;
using namespace std::chrono_literals;
using nlohmann::json;
using test::LiveClient;

namespace {

constexpr int kMissed = 5000;

CommentId comment_id(int number) {
  return CommentId::from_digest(sha256("comment " + std::to_string(number)));
}

/// A free post about which a lot has been said and liked.
struct Crowd {
  AccountId ana, ben;
  PostId post;
  std::optional<test::House> house;
  std::uint16_t port = 0;
  std::string channel;

  Crowd(int comments, int likes, const std::function<void(api::PlatformOptions&)>& set = {}) {
    house.emplace(
        [&](test::PlatformWorld& world) {
          ana = world.creator("ana", 0);
          ben = world.fan("ben");
          post = world.post(ana, std::nullopt);
          for (int i = 0; i < comments; ++i) world.comment(ben, post, comment_id(i));
          for (int i = 0; i < likes; ++i) say_liked(world, i % 2 == 0);
        },
        set);
    port = house->serve();
    channel = "post:" + post.str();
  }

  void say_liked(test::PlatformWorld& world, bool like) {
    auto event = world.act(ben, post.view());
    if (like) event.mutable_liked()->set_post(post.raw());
    if (!like) event.mutable_unliked()->set_post(post.raw());
    world.append(std::move(event));
  }

  /// Comments of four kilobytes each, appended at once.
  void flood(int comments) {
    auto& platform = *house->platform;
    std::string text;
    for (int i = 0; i < 1000; ++i) text += "\xf0\x9f\x8e\x89";
    const auto sealed = platform.subject_keys.seal_text(ben, "comment.text", text);
    REQUIRE(sealed);
    std::vector<log::NewRecord> records;
    for (int i = 0; i < comments; ++i) {
      pb::ActivityEvent event;
      event.set_format(1);
      event.set_id(sha256("flood " + std::to_string(i)).str().substr(0, 16));
      event.set_actor(ben.raw());
      event.set_about(post.raw());
      event.mutable_commented()->set_comment(comment_id(i).raw());
      event.mutable_commented()->set_post(post.raw());
      *event.mutable_commented()->mutable_text() = *sealed;
      records.push_back({event.about(), events::encode(event)});
    }
    const auto partition =
        activity::partition_of(post.view(), platform.log.partitions(log::Stream::activity));
    for (std::size_t at = 0; at < records.size(); at += 200) {
      const auto batch =
          std::span(records).subspan(at, std::min<std::size_t>(200, records.size() - at));
      REQUIRE(platform.log.append(log::Stream::activity, partition, batch));
    }
    house->settle();
  }

  std::string say(const std::string& as, const std::string& text) {
    const auto body = json{{"text", text}}.dump();
    const auto fields =
        as + fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
    const auto answer = test::ask(port, "POST /v1/posts/" + post.str() + "/comments", fields, body);
    REQUIRE(answer.status == 201);
    return json::parse(answer.body)["id"];
  }
};

bool comes_true(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + 30s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

}  // namespace

TEST_CASE(
    "whoever missed thousands of events gets them all in order, then what is new, once each") {
  Crowd crowd(kMissed, 0);
  const auto as_ben = crowd.house->log_in(crowd.ben);
  LiveClient back(crowd.port, crowd.house->log_in(crowd.ana), 4096);
  back.subscribe(crowd.channel, "L0");
  std::vector<std::string> expected;
  for (int i = 0; i < kMissed; ++i) expected.push_back(comment_id(i).str());
  std::vector<std::string> got;
  const auto take = [&](std::size_t count) {
    while (got.size() < count) {
      const auto message = back.next_of("comment");
      REQUIRE_MESSAGE(message, "after " << got.size() << ", closed with " << back.close_code());
      got.push_back((*message)["data"]["id"]);
    }
  };
  // What is said meanwhile comes after what was missed, wherever the reader stands.
  for (const std::size_t at : {100, 2000, 4990}) {
    take(at);
    expected.push_back(crowd.say(as_ben, "meanwhile"));
  }
  take(expected.size());
  expected.push_back(crowd.say(as_ben, "live"));
  take(expected.size());
  CHECK(got == expected);
}

TEST_CASE("thousands of missed likes are told in few messages, the last of which is true") {
  Crowd crowd(0, kMissed - 1);  // it ends with a like
  const auto as_ben = crowd.house->log_in(crowd.ben);
  LiveClient back(crowd.port, crowd.house->log_in(crowd.ana));
  back.subscribe(crowd.channel, "L0");
  crowd.say(as_ben, "the end");
  int told = 0;
  json last;
  while (const auto message = back.next()) {
    if ((*message)["type"] == "comment") break;
    REQUIRE((*message)["type"] == "counts");
    last = (*message)["data"];
    ++told;
  }
  CHECK(back.close_code() == 0);
  CHECK(told > 0);
  CHECK(told < 200);
  CHECK(last["likes"] == 1);
}

TEST_CASE("a cursor on the way through what was missed goes on from there") {
  Crowd crowd(1000, 0);
  const auto as_ana = crowd.house->log_in(crowd.ana);
  std::string cursor = "L0";
  std::vector<std::string> got;
  for (const std::size_t stop : {300, 301, 900, 1000}) {
    LiveClient back(crowd.port, as_ana);
    back.subscribe(crowd.channel, cursor);
    while (got.size() < stop) {
      const auto message = back.next_of("comment");
      REQUIRE(message);
      got.push_back((*message)["data"]["id"]);
      cursor = (*message)["cursor"];
    }
  }
  for (std::size_t i = 0; i < got.size(); ++i)
    CHECK(got[i] == comment_id(static_cast<int>(i)).str());
}

TEST_CASE("one that stops reading is closed in time, holds little, and nobody waits for it") {
  Crowd crowd(0, 0, [](api::PlatformOptions& options) { options.live.patience = 500ms; });
  const auto as_ben = crowd.house->log_in(crowd.ben);
  constexpr int kFlood = 4000;  // 16 MB: far more than the kernel holds
  crowd.flood(kFlood);
  LiveClient stuck(crowd.port, crowd.house->log_in(crowd.ana), 4096);
  stuck.ask({{"type", "subscribe"}, {"channel", crowd.channel}, {"cursor", "L0"}});
  {
    LiveClient other(crowd.port, as_ben);
    other.subscribe(crowd.channel);
    const auto id = crowd.say(as_ben, "hello");
    const auto message = other.next_of("comment");
    REQUIRE(message);
    CHECK((*message)["data"]["id"] == id);
  }
  CHECK(comes_true([&] { return crowd.house->server->connections() == 0; }));
  const auto held = stuck.socket().socket().read_to_end();  // what the kernel held, and no more
  REQUIRE(held);
  CHECK(held->size() < 8'000'000);
}

TEST_CASE("a burst does not close a reader that keeps reading") {
  Crowd crowd(0, 0);
  const auto as_ben = crowd.house->log_in(crowd.ben);
  LiveClient slow(crowd.port, crowd.house->log_in(crowd.ana), 4096);
  slow.subscribe(crowd.channel);
  constexpr int kBurst = 800;
  const std::string text(1000, 'x');
  std::vector<std::thread> people;
  for (int who = 0; who < 8; ++who) {
    people.emplace_back([&] {
      for (int i = 0; i < kBurst / 8; ++i) crowd.say(as_ben, text);
    });
  }
  for (auto& one : people) one.join();
  std::set<std::string> got;
  for (int i = 0; i < kBurst; ++i) {
    const auto message = slow.next_of("comment");
    REQUIRE_MESSAGE(message, "after " << i << ", closed with " << slow.close_code());
    got.insert((*message)["data"]["id"]);
  }
  CHECK(got.size() == kBurst);
}

TEST_CASE("a socket that does not say whose it is does not stay") {
  Crowd crowd(0, 0, [](api::PlatformOptions& options) { options.live.login = 300ms; });
  const auto as_ana = crowd.house->log_in(crowd.ana);
  test::WsClient nobody(crowd.port, "/v1/live");
  LiveClient somebody(crowd.port, as_ana);
  CHECK(nobody.read_close_code() == 1008);
  somebody.ask({{"type", "ping"}});
  CHECK(somebody.next_of("pong"));
}

TEST_CASE("a socket ends when its session expires, and the session is forgotten [D21]") {
  Crowd crowd(0, 0, [](api::PlatformOptions& options) { options.live.sweep = 300ms; });
  auto& platform = *crowd.house->platform;
  const auto lasting = crowd.house->log_in(crowd.ana);
  const auto secrets = [&] { return platform.log.end(log::Stream::secrets, 0).value(); };
  LiveClient short_lived(crowd.port, crowd.house->log_in(crowd.ana, Duration{1500}));
  LiveClient other(crowd.port, lasting);
  const auto before = secrets();
  CHECK_FALSE(short_lived.next());
  CHECK(short_lived.close_code() == 1008);
  CHECK(comes_true([&] { return secrets() > before; }));
  other.ask({{"type", "ping"}});
  CHECK(other.next_of("pong"));
}

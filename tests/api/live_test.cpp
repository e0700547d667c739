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
  std::vector<log::NewRecord> waiting;

  Crowd(int comments, int likes, const std::function<void(api::PlatformOptions&)>& set = {},
        const http::ServerOptions& server = {}) {
    house.emplace(
        [&](test::PlatformWorld& world) {
          ana = world.creator("ana", 0);
          ben = world.fan("ben");
          post = world.post(ana, std::nullopt);
        },
        set);
    port = house->serve(server);
    channel = "post:" + post.str();
    for (int i = 0; i < comments; ++i) comment(i, {});
    for (int i = 0; i < likes; ++i) {
      auto event = act("like " + std::to_string(i));
      if (i % 2 == 0) event.mutable_liked()->set_post(post.raw());
      if (i % 2 == 1) event.mutable_unliked()->set_post(post.raw());
      add(event);
    }
    append();
  }

  pb::ActivityEvent act(const std::string& name) const {
    pb::ActivityEvent event;
    event.set_format(1);
    event.set_id(sha256(name).str().substr(0, 16));
    event.set_actor(ben.raw());
    event.set_about(post.raw());
    return event;
  }
  void comment(int number, const pb::Sealed& text) {
    auto event = act("comment event " + std::to_string(number));
    event.mutable_commented()->set_comment(comment_id(number).raw());
    event.mutable_commented()->set_post(post.raw());
    *event.mutable_commented()->mutable_text() = text;
    add(event);
  }

  /// Comments, numbered from 0, with a text of so many bytes.
  void flood(int comments, std::size_t bytes) {
    const auto sealed =
        house->platform->subject_keys.seal_text(ben, "comment.text", std::string(bytes, 'x'));
    REQUIRE(sealed);
    for (int i = 0; i < comments; ++i) comment(i, *sealed);
    append();
  }

  /// Hundreds of them share a sync.
  void add(const pb::ActivityEvent& event) {
    waiting.push_back({event.about(), events::encode(event)});
    if (waiting.size() >= 200) append();
  }
  void append() {
    auto& log = house->platform->log;
    const auto partition =
        activity::partition_of(post.view(), log.partitions(log::Stream::activity));
    if (!waiting.empty()) REQUIRE(log.append(log::Stream::activity, partition, waiting));
    waiting.clear();
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
  Crowd crowd(0, 0);
  const auto as_ben = crowd.house->log_in(crowd.ben);
  const auto as_ana = crowd.house->log_in(crowd.ana);
  crowd.flood(kMissed, 2000);  // more than queue and kernel hold
  LiveClient back(crowd.port, as_ana, 4096);
  back.subscribe(crowd.channel, "L0");
  std::vector<std::string> expected;
  for (int i = 0; i < kMissed; ++i) expected.push_back(comment_id(i).str());
  const auto take = [&](LiveClient& from, std::vector<std::string>& into, std::size_t count) {
    while (into.size() < count) {
      const auto message = from.next_of("comment");
      REQUIRE_MESSAGE(message, "after " << into.size() << ", closed with " << from.close_code());
      into.push_back((*message)["data"]["id"]);
    }
  };
  // It reads nothing until another, in turn with it, has had everything.
  LiveClient other(crowd.port, as_ben);
  other.subscribe(crowd.channel, "L0");
  std::vector<std::string> others;
  take(other, others, kMissed);
  CHECK(others == expected);
  // What is said meanwhile comes after what was missed, wherever the reader stands.
  std::vector<std::string> got;
  for (const std::size_t at : {100, 2000, 4990}) {
    take(back, got, at);
    expected.push_back(crowd.say(as_ben, "meanwhile"));
  }
  take(back, got, expected.size());
  expected.push_back(crowd.say(as_ben, "live"));
  take(back, got, expected.size());
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
  http::ServerOptions server;
  server.limits.write_stall = std::chrono::minutes(10);  // it is the hub that closes it
  Crowd crowd(
      0, 0, [](api::PlatformOptions& options) { options.live.patience = 500ms; }, server);
  const auto as_ben = crowd.house->log_in(crowd.ben);
  crowd.flood(4000, 1000 * 4);  // 16 MB: far more than the kernel holds
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

TEST_CASE("a burst, however large, is given to a slow listener at its pace") {
  constexpr int kBurst = 4000;
  Crowd crowd(0, 0);
  crowd.house->log_in(crowd.ben);
  LiveClient slow(crowd.port, crowd.house->log_in(crowd.ana), 4096);
  slow.subscribe(crowd.channel);
  crowd.flood(kBurst, 4000);  // all of it is applied before the first is read
  for (int i = 0; i < kBurst; ++i) {
    const auto message = slow.next_of("comment");
    REQUIRE_MESSAGE(message, "after " << i << ", closed with " << slow.close_code());
    REQUIRE((*message)["data"]["id"] == comment_id(i).str());
  }
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

TEST_CASE("a socket ends when its session expires, and no other does [D21]") {
  Crowd crowd(0, 0);
  const auto lasting = crowd.house->log_in(crowd.ana);
  LiveClient short_lived(crowd.port, crowd.house->log_in(crowd.ana, Duration{1500}));
  LiveClient other(crowd.port, lasting);
  CHECK_FALSE(short_lived.next());
  CHECK(short_lived.close_code() == 1008);
  other.ask({{"type", "ping"}});
  CHECK(other.next_of("pong"));
}

TEST_CASE("sessions that have expired are forgotten") {
  Crowd crowd(0, 0, [](api::PlatformOptions& options) { options.live.sweep = 300ms; });
  auto& log = crowd.house->platform->log;
  crowd.house->log_in(crowd.ana, Duration{1000});
  const auto before = log.end(log::Stream::secrets, 0).value();
  CHECK(comes_true([&] { return log.end(log::Stream::secrets, 0).value() > before; }));
}

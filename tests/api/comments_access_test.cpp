#include <doctest/doctest.h>
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/api/house.hpp"
#include "tests/api/live_client.hpp"
#include "tests/api_http/raw_client.hpp"

using namespace fl;
using nlohmann::json;
using test::LiveClient;

namespace {

/// A locked post and a free one, and everybody who may or may not see them.
struct Gallery {
  AccountId ana, buyer, subscriber, follower, stranger;
  PostId locked, open;
  test::House house{[this](test::PlatformWorld& world) {
    ana = world.creator("ana", 999);
    buyer = world.fan("buyer");
    subscriber = world.fan("subscriber");
    stranger = world.fan("stranger");
    for (const auto& fan : {buyer, subscriber}) world.deposit(fan, 5000);
    locked = world.post(ana, 500);
    open = world.post(ana, std::nullopt);
    world.purchase(buyer, locked, 500);
    world.subscribe(subscriber, ana, 999);
  }};
  std::uint16_t port = house.serve();

  test::Answer say(const std::string& as, const PostId& post) {
    const std::string body = R"({"text":"hello"})";
    return test::ask(
        port, "POST /v1/posts/" + post.str() + "/comments",
        as + fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size()),
        body);
  }
};

}  // namespace

TEST_CASE("comments are read by who may see the work, and by nobody else [P17]") {
  Gallery gallery;
  const auto as_buyer = gallery.house.log_in(gallery.buyer);
  for (const auto& post : {gallery.locked, gallery.open}) {
    REQUIRE(gallery.say(as_buyer, post).status == 201);
  }
  struct Row {
    std::string who, as;
    std::string code;  ///< empty: they read
  };
  const Row rows[] = {
      {"a visitor", "", "login_required"},
      {"a stranger", gallery.house.log_in(gallery.stranger), "payment_required"},
      {"a subscriber", gallery.house.log_in(gallery.subscriber), ""},
      {"the buyer", as_buyer, ""},
      {"the author", gallery.house.log_in(gallery.ana), ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.who);
    const auto list = [&](const PostId& post) {
      return test::ask(gallery.port, "GET /v1/posts/" + post.str() + "/comments", row.as);
    };
    CHECK(list(gallery.open).status == 200);
    const auto answer = list(gallery.locked);
    const auto body = json::parse(answer.body);
    CHECK(body.value("code", "") == row.code);
    if (row.as.empty()) CHECK(answer.status == 401);
    if (row.code.empty()) CHECK(body["data"].size() == 1);
    // Counts are part of the listing, which is everybody's.
    const auto shown = test::ask(gallery.port, "GET /v1/posts/" + gallery.locked.str(), row.as);
    CHECK(json::parse(shown.body)["comments"] == 1);
  }
}

TEST_CASE(
    "a comment is told live to who may see the work; to others its counts, and an end ends it") {
  Gallery gallery;
  const auto as_buyer = gallery.house.log_in(gallery.buyer);
  const auto channel = "post:" + gallery.locked.str();
  LiveClient buyer(gallery.port, as_buyer);
  LiveClient subscriber(gallery.port, gallery.house.log_in(gallery.subscriber));
  LiveClient stranger(gallery.port, gallery.house.log_in(gallery.stranger));
  for (auto* one : {&buyer, &subscriber, &stranger}) one->subscribe(channel);
  const auto first = gallery.say(as_buyer, gallery.locked);
  REQUIRE(first.status == 201);
  for (auto* one : {&buyer, &subscriber}) {
    const auto message = one->next();
    REQUIRE(message);
    CHECK((*message)["type"] == "comment");
  }
  const auto counts = stranger.next();
  REQUIRE(counts);
  CHECK((*counts)["type"] == "counts");
  CHECK((*counts)["data"]["comments"] == 1);
  // The same to a stranger who comes back for what was missed.
  LiveClient back(gallery.port, gallery.house.log_in(gallery.stranger));
  back.subscribe(channel, "L0");
  const auto missed = back.next();
  REQUIRE(missed);
  CHECK((*missed)["type"] == "counts");

  // Deleted, the post stays with its buyer alone: the subscriber's right has ended.
  const auto gone = test::ask(gallery.port, "DELETE /v1/posts/" + gallery.locked.str(),
                              gallery.house.log_in(gallery.ana));
  REQUIRE(gone.status == 204);
  gallery.house.settle();
  REQUIRE(gallery.say(as_buyer, gallery.locked).status == 201);
  REQUIRE(buyer.next_of("comment"));
  for (auto* one : {&subscriber, &stranger}) {
    one->ask({{"type", "ping"}});
    const auto message = one->next();
    REQUIRE(message);
    CHECK((*message)["type"] == "pong");
  }
}

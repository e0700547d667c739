#include <doctest/doctest.h>
#include <fmt/format.h>

#include <future>
#include <nlohmann/json.hpp>

#include "tests/api/house.hpp"
#include "tests/api_http/raw_client.hpp"

using namespace fl;
using nlohmann::json;

namespace {

/// A fan who follows two creators, and a free post.
struct Street {
  AccountId ana, eve, ben;
  PostId post;
  test::House house{[this](test::PlatformWorld& world) {
    ana = world.creator("ana", 0);
    eve = world.creator("eve", 0);
    ben = world.fan("ben");
    world.subscribe(ben, ana, 0);
    world.subscribe(ben, eve, 0);
    post = world.post(ana, std::nullopt);
  }};
  std::uint16_t port = house.serve();
  std::string as_ben = house.log_in(ben);
  std::string comments = "/v1/posts/" + post.str() + "/comments";
  std::string like = "/v1/posts/" + post.str() + "/like";

  struct Got {
    int status = 0;
    json body;
    std::string code() const { return body.value("code", ""); }
  };
  Got ask(const std::string& line, const std::string& key = "", const std::string& body = "") {
    auto fields = as_ben;
    if (!key.empty()) fields += "Idempotency-Key: " + key + "\r\n";
    if (!body.empty()) {
      fields +=
          fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", body.size());
    }
    const auto answer = test::ask(port, line, fields, body);
    return {answer.status, answer.body.empty() ? json::object() : json::parse(answer.body)};
  }
  Got say(const std::string& path, const std::string& key, const std::string& text) {
    return ask("POST " + path, key, json{{"text", text}}.dump());
  }
  std::vector<std::string> texts(const std::string& path) {
    std::vector<std::string> out;
    const auto got = ask("GET " + path + "?limit=100");
    for (const auto& one : got.body.at("data")) out.push_back(one["text"]);
    return out;
  }
};

void check_reused(const Street::Got& got) {
  CHECK(got.status == 409);
  CHECK(got.code() == "idempotency_key_reused");
  CHECK(got.body.value("field", "") == "Idempotency-Key");
}

}  // namespace

TEST_CASE("an act asked for again with its key is answered as the first time, another is refused") {
  Street street;
  for (const auto& path : {street.comments, std::string("/v1/users/ana/messages")}) {
    CAPTURE(path);
    const auto first = street.say(path, "K", "one");
    CHECK(first.status == 201);
    const auto again = street.say(path, "K", "one");
    CHECK(again.status == 200);
    CHECK(again.body == first.body);
    check_reused(street.say(path, "K", "two"));
    CHECK(street.texts(path) == std::vector<std::string>{"one"});
    CHECK(street.say(path, "", "made up").status == 201);  // without a key each is its own
    CHECK(street.say(path, "", "made up").status == 201);
  }
  CHECK(street.ask("PUT /v1/notices/read", "K", R"({"up_to":1})").status == 204);
  CHECK(street.ask("PUT /v1/notices/read", "K", R"({"up_to": 1})").status == 204);
  check_reused(street.ask("PUT /v1/notices/read", "K", R"({"up_to":2})"));
}

TEST_CASE("one key for two recipients makes two messages, each with an id of its own") {
  Street street;
  const auto to_ana = street.say("/v1/users/ana/messages", "K", "dear ana");
  const auto to_eve = street.say("/v1/users/eve/messages", "K", "dear eve");
  CHECK(to_ana.status == 201);
  CHECK(to_eve.status == 201);
  CHECK(to_ana.body["id"] != to_eve.body["id"]);
  CHECK(street.texts("/v1/users/ana/messages") == std::vector<std::string>{"dear ana"});
  CHECK(street.texts("/v1/users/eve/messages") == std::vector<std::string>{"dear eve"});
}

TEST_CASE("liking again with an old key says what is, and the key names no other act") {
  Street street;
  const auto first = street.ask("PUT " + street.like, "K");
  CHECK(first.status == 200);
  CHECK(first.body["liked"] == true);
  CHECK(street.ask("DELETE " + street.like, "L").body["liked"] == false);
  const auto again = street.ask("PUT " + street.like, "K");
  CHECK(again.status == 200);
  CHECK(again.body["liked"] == false);  // that request was carried out, and has been undone
  CHECK(again.body["likes"] == 0);
  CHECK(again.body["position"] == first.body["position"]);
  check_reused(street.ask("DELETE " + street.like, "K"));
}

TEST_CASE("a comment that is deleted stays so when it is sent again, and so does its deletion") {
  Street street;
  const auto made = street.say(street.comments, "K", "one");
  const auto address = street.comments + "/" + made.body["id"].get<std::string>();
  const auto other = street.say(street.comments, "O", "other").body["id"].get<std::string>();
  CHECK(street.ask("DELETE " + address, "D").status == 204);
  CHECK(street.ask("DELETE " + address, "D").status == 204);
  CHECK(street.ask("DELETE " + address, "E").status == 404);
  check_reused(street.ask("DELETE " + street.comments + "/" + other, "D"));
  const auto again = street.say(street.comments, "K", "one");
  CHECK(again.status == 200);
  CHECK(again.body == made.body);
  CHECK(street.texts(street.comments) == std::vector<std::string>{"other"});
}

TEST_CASE("of two requests at once with one key one is carried out, and the other told so") {
  Street street;
  std::vector<std::string> stood;
  for (int round = 0; round < 30; ++round) {
    const auto key = "K" + std::to_string(round);
    const auto path = round % 2 == 0 ? street.comments : "/v1/users/ana/messages";
    std::vector<std::future<Street::Got>> asked;
    for (const char* who : {"a", "b", "c"}) {
      asked.push_back(
          std::async(std::launch::async, [&, who] { return street.say(path, key, key + who); }));
    }
    std::vector<Street::Got> won;
    for (auto& one : asked) {
      const auto got = one.get();
      if (got.status == 201) {
        won.push_back(got);
      } else {
        check_reused(got);
      }
    }
    REQUIRE(won.size() == 1);
    const auto newest = street.ask("GET " + path + "?limit=1").body.at("data").at(0);
    CHECK(newest["text"] == won[0].body["text"]);
    CHECK(newest["id"] == won[0].body["id"]);
  }
  CHECK(street.texts(street.comments).size() == 15);
  CHECK(street.texts("/v1/users/ana/messages").size() == 15);
}

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "projections/runner.hpp"
#include "projections/store.hpp"
#include "tests/api/house.hpp"
#include "tests/api_http/raw_client.hpp"

using namespace fl;
using nlohmann::json;

TEST_CASE("no list holds a null while read models are rebuilt [P18] [P22]") {
  AccountId ben;
  test::House house([&](test::PlatformWorld& world) {
    const auto ana = world.creator("ana", 999);
    ben = world.fan("ben");
    world.deposit(ben, 5000);
    world.purchase(ben, world.post(ana, 500), 500);
    world.post(ana, std::nullopt);
  });
  const auto port = house.serve();
  const auto as_ben = house.log_in(ben);
  const auto get = [&](const char* path) {
    const auto answer = test::ask(port, std::string("GET ") + path, as_ben);
    return std::pair{answer.status, json::parse(answer.body)};
  };
  const auto [feed_status, feed] = get("/v1/feed");
  CHECK(feed_status == 200);
  REQUIRE(feed["data"].size() == 2);
  const auto [status, purchases] = get("/v1/me/purchases");
  CHECK(status == 200);
  REQUIRE(purchases["data"].size() == 1);
  CHECK(purchases["data"][0]["post"]["id"] == feed["data"][1]["id"]);

  house.platform->runner.stop();
  house.platform->runner.join();
  REQUIRE(house.platform->store.clear("catalogue"));  // as when it begins anew
  const auto [empty_status, empty] = get("/v1/feed");
  CHECK(empty_status == 200);
  CHECK(empty["data"] == json::array());
  const auto [not_now, problem] = get("/v1/me/purchases");
  CHECK(not_now == 503);
  CHECK(problem["code"] == "rebuilding");
}

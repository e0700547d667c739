#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <future>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "api/http/blocking_pool.hpp"
#include "tests/api/house.hpp"
#include "tests/api_http/raw_client.hpp"

using namespace fl;
using nlohmann::json;

namespace {

test::Answer post(std::uint16_t port, const std::string& path, const json& body,
                  const std::string& fields = "") {
  const auto text = body.dump();
  return test::ask(
      port, "POST " + path,
      fields + fmt::format("Content-Type: application/json\r\nContent-Length: {}\r\n", text.size()),
      text);
}

}  // namespace

TEST_CASE("who was accepted can log in, whatever another sign-up with the key was told meanwhile") {
  test::House house([](test::PlatformWorld& world) { world.fan("taken"); });
  const auto port = house.serve();
  for (int round = 0; round < 12; ++round) {
    const auto email = fmt::format("person{}@example.org", round);
    const std::string password = "a long enough secret";
    const auto sign_up = [&](const std::string& username) {
      return post(port, "/v1/accounts",
                  {{"email", email},
                   {"password", password},
                   {"password_repeat", password},
                   {"username", username},
                   {"role", "fan"}},
                  fmt::format("Idempotency-Key: key-{}\r\n", round));
    };
    auto refused = std::async(std::launch::async, sign_up, "taken");
    auto wanted = std::async(std::launch::async, sign_up, fmt::format("person{}", round));
    const auto status = wanted.get().status;
    CHECK(refused.get().status >= 400);
    // One at a time of one account: whose turn it was not asks again.
    if (status != 201) {
      CHECK(status == 503);
      CHECK(sign_up(fmt::format("person{}", round)).status == 201);
    }
    house.settle();
    CHECK(post(port, "/v1/sessions", {{"login", email}, {"password", password}}).status == 201);
  }
}

TEST_CASE("of one account one sign-up is under way at a time") {
  test::House house;
  const auto port = house.serve();
  const auto sign_up = [&](const std::string& username) {
    return post(port, "/v1/accounts",
                {{"email", "ann@example.org"},
                 {"password", "a long enough secret"},
                 {"password_repeat", "a long enough secret"},
                 {"username", username},
                 {"role", "fan"}},
                "Idempotency-Key: one\r\n");
  };
  // No password is hashed for now: the first stands still, in the middle.
  std::promise<void> go;
  const auto gone = go.get_future().share();
  for (int thread = 0; thread < 2; ++thread) {
    REQUIRE(house.platform->hashing.submit([gone] { gone.wait(); }));
  }
  std::vector<std::future<test::Answer>> asked;
  for (int i = 0; i < 3; ++i) asked.push_back(std::async(std::launch::async, sign_up, "ann"));
  const auto told = [&] {
    return std::count_if(asked.begin(), asked.end(), [](auto& one) {
      return one.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
    });
  };
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (told() < 2 && std::chrono::steady_clock::now() < until) std::this_thread::yield();
  go.set_value();
  int accepted = 0;
  for (auto& one : asked) {
    const auto answer = one.get();
    if (answer.status == 201) ++accepted;
    if (answer.status != 201) CHECK(json::parse(answer.body)["code"] == "request_in_progress");
  }
  CHECK(accepted == 1);
}

TEST_CASE("a sign-up that was refused leaves nothing in the way of the next") {
  test::House house([](test::PlatformWorld& world) { world.fan("taken"); });
  const auto port = house.serve();
  const auto sign_up = [&](const std::string& username, const std::string& password) {
    return post(port, "/v1/accounts",
                {{"email", "ann@example.org"},
                 {"password", password},
                 {"password_repeat", password},
                 {"username", username},
                 {"role", "fan"}},
                "Idempotency-Key: one\r\n");
  };
  CHECK(sign_up("taken", "the first attempt").status == 409);
  CHECK(sign_up("ann", "the second attempt").status == 201);
  house.settle();
  const auto log_in = [&](const std::string& password) {
    return post(port, "/v1/sessions", {{"login", "ann"}, {"password", password}}).status;
  };
  CHECK(log_in("the second attempt") == 201);
  CHECK(log_in("the first attempt") == 401);
}

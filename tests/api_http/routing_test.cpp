#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "tests/api_http/raw_client.hpp"
#include "tests/api_http/sample_api.hpp"

using namespace fl;
using namespace fl::test;
using nlohmann::json;

namespace {
const std::string kAlice = "Authorization: Bearer tok-alice\r\n";
const std::string kJson = "Content-Type: application/json\r\n";

std::string length_of(std::string_view body) {
  return "Content-Length: " + std::to_string(body.size()) + "\r\n";
}
}  // namespace

TEST_CASE("a request finds its handler, and the answer carries the security fields") {
  SampleApi api;
  const auto answer = ask(api.port(), "GET /v1/hello?name=a%20b+c&limit=5");
  CHECK(answer.status == 200);
  CHECK(json::parse(answer.body) == json{{"hello", "a b c"}, {"limit", 5}});
  CHECK(answer.field("Content-Type") == "application/json");
  CHECK(answer.field("X-Content-Type-Options") == "nosniff");
  CHECK(answer.field("Cache-Control") == "no-store");
  CHECK(answer.field("Content-Security-Policy").starts_with("default-src 'none'"));
  CHECK(answer.field("X-Request-Id").starts_with("req_"));
}

TEST_CASE("a JSON body is read by name and type") {
  SampleApi api;
  const std::string body = R"({"caption":"hi","price":{"amount":5,"currency":"USD"}})";
  const auto answer = ask(api.port(), "POST /v1/posts", kAlice + kJson + length_of(body), body);
  CHECK(answer.status == 201);
  CHECK(answer.field("Location") == "/v1/posts/hi");
}

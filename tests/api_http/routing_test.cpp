#include <doctest/doctest.h>

#include <atomic>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/api_http/raw_client.hpp"
#include "tests/api_http/sample_api.hpp"
#include "tests/api_http/text.hpp"

using namespace fl;
using namespace fl::test;
using nlohmann::json;

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

TEST_CASE("[D28] every refusal is a problem with its status, code, field and request id") {
  SampleApi api;
  const std::string bad_post = R"({"caption":"much too long a caption"})";
  const std::string dear = R"({"caption":"x","price":{"amount":2000,"currency":"USD"}})";
  struct Row {
    std::string line, fields, body;
    int status;
    std::string code, field;
  };
  const Row rows[] = {
      {"GET /v1/nowhere", "", "", 404, "not_found", ""},
      {"GET /", "", "", 404, "not_found", ""},
      {"GET /v1/posts/xyz", "", "", 404, "not_found", "post"},
      {"GET /v1/posts/acc_00000000000000000000000000", "", "", 404, "not_found", "post"},
      {"GET /v1/hello?limit=0", "", "", 422, "field_out_of_range", "limit"},
      {"GET /v1/hello?limit=1.5", "", "", 422, "field_wrong_type", "limit"},
      {"GET /v1/hello?limit=1&limit=2", "", "", 422, "field_repeated", "limit"},
      {"GET /v1/hello?nmae=x", "", "", 422, "field_unknown", "nmae"},
      {"POST /v1/posts", kJson + length_of("{}"), "{}", 401, "unauthorized", ""},
      {"POST /v1/posts", "Authorization: Bearer x\r\n" + kJson + length_of("{}"), "{}", 401,
       "bad_token", ""},
      {"POST /v1/studio", length_of(""), "", 401, "unauthorized", ""},
      {"POST /v1/studio", kAlice + length_of(""), "", 403, "not_a_creator", ""},
      {"POST /v1/posts", kAlice + kJson + length_of(bad_post), bad_post, 422, "field_too_long",
       "caption"},
      {"POST /v1/posts", kAlice + kJson + length_of(dear), dear, 402, "insufficient_funds",
       "price"},
      {"POST /v1/posts", kAlice + kJson + length_of("{"), "{", 400, "json_malformed", ""},
      {"POST /v1/posts", kAlice + kJson + length_of("[]"), "[]", 400, "body_not_an_object", ""},
      {"POST /v1/posts", kAlice + length_of("{}"), "{}", 415, "unsupported_media_type", ""},
      {"POST /v1/posts", kAlice + kJson, "", 411, "length_required", ""},
      {"GET /v1/hello", length_of("{}"), "{}", 400, "body_unexpected", ""},
      {"GET /v1/refusals/malformed", "", "", 400, "malformed", ""},
      {"GET /v1/refusals/unauthorized", "", "", 401, "unauthorized", ""},
      {"GET /v1/refusals/refused", "", "", 403, "refused", ""},
      {"GET /v1/refusals/other", "", "", 404, "other", ""},
      {"GET /v1/refusals/conflict", "", "", 409, "conflict", ""},
      {"GET /v1/refusals/retry", "", "", 503, "retry", ""},
      {"GET /v1/refusals/unavailable", "", "", 503, "unavailable", ""},
      {"GET /v1/refusals/teapot", "", "", 418, "teapot", ""},
      {"GET /v1/refusals/throw", "", "", 500, "internal", ""},
      {"GET /v1/dropped", "", "", 500, "internal", ""},
      {"GET /v1/lost", "", "", 503, "file_unavailable", ""},
      {"GET /v1/echo", "", "", 426, "upgrade_required", ""},
      {"DELETE /v1/hello", "", "", 405, "method_not_allowed", ""},
      {"BREW /v1/hello", "", "", 405, "method_not_allowed", ""},
      {"TRACE /v1/hello", "", "", 405, "method_not_allowed", ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.line);
    CAPTURE(row.body);
    const auto answer = ask(api.port(), row.line, row.fields, row.body);
    CHECK(answer.status == row.status);
    CHECK(answer.field("Content-Type") == "application/problem+json");
    const auto problem = json::parse(answer.body, nullptr, false);
    REQUIRE(problem.is_object());
    CHECK(problem["type"] == "/problems/" + row.code);
    CHECK(problem["status"] == row.status);
    CHECK(problem["code"] == row.code);
    CHECK(problem.value("field", "") == row.field);
    CHECK(problem["instance"] == answer.field("X-Request-Id"));
    CHECK_FALSE(problem["detail"].get<std::string>().empty());
    CHECK_FALSE(problem["title"].get<std::string>().empty());
    CHECK(answer.field("WWW-Authenticate").empty() == (row.status != 401));
    CHECK(answer.field("Retry-After").empty() == (row.status != 503));
  }
  CHECK(ask(api.port(), "DELETE /v1/hello").field("Allow") == "GET, HEAD, OPTIONS");
  const auto creator = "Authorization: Bearer " + std::string(SampleApi::kCreatorToken) + "\r\n";
  CHECK(ask(api.port(), "POST /v1/studio", creator + length_of("")).status == 204);
}

TEST_CASE("HEAD answers what GET would, without the body") {
  SampleApi api;
  const auto get = ask(api.port(), "GET /v1/hello"), head = ask(api.port(), "HEAD /v1/hello");
  CHECK(head.status == 200);
  CHECK(head.field("Content-Length") == get.field("Content-Length"));
  CHECK(head.body.empty());
}

TEST_CASE(
    "a path's rest parameter takes what follows, and what is spelt out wins over what is named") {
  SampleApi api;
  CHECK(ask(api.port(), "GET /v1/files/a/b%20c").body == "a/b c");
  CHECK(ask(api.port(), "GET /v1/files/").status == 404);
  http::Router router;
  const auto nothing = [](http::RequestContext&) -> boost::asio::awaitable<Result<http::Response>> {
    co_return http::Response::empty();
  };
  using namespace http;
  router.add({Method::get, "/a/{b}", Access::anyone, http::Body::none, "named"}, nothing);
  router.add({Method::get, "/a/me", Access::anyone, http::Body::none, "spelt"}, nothing);
  router.add({Method::get, "/a/{b}/c", Access::anyone, http::Body::none, "deeper"}, nothing);
  const auto summary = [&](std::vector<std::string> segments) {
    const auto match = router.match(Method::get, segments);
    return match.entry ? match.entry->route.summary : "none";
  };
  CHECK(summary({"a", "me"}) == "spelt");
  CHECK(summary({"a", "you"}) == "named");
  CHECK(summary({"a", "me", "c"}) == "deeper");
  CHECK(summary({"a", ""}) == "none");
  CHECK(summary({"a"}) == "none");
  CHECK(router.rows().size() == 3);
  CHECK(router.rows()[1].path == "/a/me");
}

TEST_CASE("a signed body is read before the authenticator is asked, any other after") {
  SampleApi api;
  const std::string body = R"({"a":1})";
  const auto line = "POST /v1/staff";
  CHECK(
      ask(api.port(), line, kJson + "Signature: " + body + "\r\n" + length_of(body), body).status ==
      200);
  CHECK(ask(api.port(), line, kJson + "Signature: no\r\n" + length_of(body), body).status == 401);
  // The authenticator refuses although no byte of the declared body ever comes.
  RawClient client(api.port());
  client.send("POST /v1/posts HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n" + kJson + "\r\n");
  auto bytes = client.read_to_end().value_or("");
  const auto answer = take_answer(bytes);
  REQUIRE(answer);
  CHECK(answer->status == 401);
}

TEST_CASE("a route for anyone does not ask the authenticator, others do") {
  SampleApi api;
  ask(api.port(), "GET /v1/hello", "Authorization: Bearer wrong\r\n");
  CHECK(api.authenticated() == 0);
  CHECK(ask(api.port(), "GET /v1/posts/" + PostId{}.str()).status == 200);
  CHECK(api.authenticated() == 1);
  CHECK(ask(api.port(), "GET /v1/posts/" + PostId{}.str(), "Authorization: Bearer wrong\r\n")
            .status == 401);
}

TEST_CASE("work on the pool and calls back from other threads resume the handler") {
  SampleApi api;
  CHECK(json::parse(ask(api.port(), "GET /v1/pool").body)["value"] == 42);
  CHECK(json::parse(ask(api.port(), "GET /v1/callback").body)["value"] == 7);
}

TEST_CASE("a full pool refuses at once") {
  http::BlockingPool pool(1, 1);
  std::mutex gate;
  std::atomic<bool> began = false;
  std::unique_lock hold(gate);
  REQUIRE(pool.submit([&] {
    began = true;
    std::lock_guard wait(gate);
  }));
  while (!began) std::this_thread::yield();
  int ran = 0;
  CHECK(pool.submit([&] { ++ran; }));
  CHECK_FALSE(pool.submit([&] { ++ran; }));
  hold.unlock();
  pool.stop();
  CHECK(ran == 1);
  CHECK_FALSE(pool.submit([] {}));
}

TEST_CASE("a streamed answer is chunked, and closes the connection of an HTTP/1.0 client") {
  SampleApi api;
  const auto answer = ask(api.port(), "GET /v1/lines");
  CHECK(answer.field("Transfer-Encoding") == "chunked");
  CHECK(answer.body == "line 1\nline 2\nline 3\n");
  RawClient old(api.port());
  old.send("GET /v1/lines HTTP/1.0\r\n\r\n");
  const auto bytes = old.read_to_end();
  REQUIRE(bytes);
  CHECK(bytes->ends_with("\r\n\r\nline 1\nline 2\nline 3\n"));
  CHECK(bytes->find("chunked") == std::string::npos);
}

TEST_CASE("metrics name the route's template, never the target") {
  SampleApi api;
  ask(api.port(), "GET /v1/posts/" + PostId{}.str() + "?secret=1");
  ask(api.port(), "GET /v1/nowhere?secret=2");
  api.server().stop();
  const auto seen = api.observations();
  REQUIRE(seen.size() == 2);
  CHECK(seen[0].route == "GET /v1/posts/{post}");
  CHECK(seen[0].status == 200);
  CHECK(seen[1].route == "GET ");
  CHECK(seen[1].status == 404);
}

TEST_CASE("only listed origins get CORS fields and preflights") {
  SampleApi api(SampleApi::patient_limits(), {.allowed_origins = {"https://app.example"}});
  const std::string ours = "Origin: https://app.example\r\n",
                    other = "Origin: https://b.example\r\n";
  const auto wants = "Access-Control-Request-Method: POST\r\n";
  const auto allowed = [](const Answer& answer) {
    return answer.field("Access-Control-Allow-Origin");
  };
  CHECK(allowed(ask(api.port(), "GET /v1/hello", ours)) == "https://app.example");
  CHECK(allowed(ask(api.port(), "GET /v1/hello", other)).empty());
  CHECK(ask(api.port(), "GET /v1/hello", other).field("Vary") == "Origin");
  const auto yes = ask(api.port(), "OPTIONS /v1/posts", ours + wants);
  CHECK(yes.status == 204);
  CHECK(yes.field("Access-Control-Allow-Methods") == "POST, OPTIONS");
  CHECK(yes.field("Access-Control-Allow-Headers").find("Authorization") != std::string::npos);
  const auto no = ask(api.port(), "OPTIONS /v1/posts", other + wants);
  CHECK(no.field("Access-Control-Allow-Methods").empty());
  CHECK(ask(api.port(), "OPTIONS /v1/posts").field("Allow") == "POST, OPTIONS");
}

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <thread>

#include "tests/api_http/raw_client.hpp"
#include "tests/api_http/sample_api.hpp"
#include "tests/api_http/text.hpp"

using namespace fl;
using namespace fl::test;
using nlohmann::json;
using Millis = RawClient::Millis;

namespace {

std::string patch(std::string_view fields) {
  return "PATCH /v1/uploads/a HTTP/1.1\r\nHost: x\r\n" + std::string(fields) + "\r\n";
}

Answer rest_of(RawClient& client) {
  auto bytes = client.read_to_end().value_or("(still open)");
  return take_answer(bytes).value_or(Answer{});
}

std::string code_of(const Answer& answer) {
  return json::parse(answer.body, nullptr, false).value("code", "");
}

}  // namespace

TEST_CASE("a streamed body arrives whole, by length or in chunks") {
  SampleApi api;
  std::string body;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < 500'000; ++i) {
    body.push_back(static_cast<char>(i * 7));
    sum += static_cast<unsigned char>(body.back());
  }
  const json whole{{"bytes", body.size()}, {"sum", sum}};
  CHECK(json::parse(ask(api.port(), "PATCH /v1/uploads/a", length_of(body), body).body) == whole);
  std::string chunks;
  for (std::size_t at = 0, size = 1; at < body.size(); at += size, size = size * 3 % 9973 + 1) {
    const auto piece = body.substr(at, size);
    char line[64];
    std::snprintf(line, sizeof line, "%zX;name=\"v\"\r\n", piece.size());
    chunks += line + piece + "\r\n";
  }
  chunks += "0\r\nTrailer: dropped\r\n\r\n";
  const auto answer =
      ask(api.port(), "PATCH /v1/uploads/a", "Transfer-Encoding: chunked\r\n", chunks);
  CHECK(json::parse(answer.body) == whole);
}

TEST_CASE("chunks may be cut anywhere on the wire") {
  SampleApi api;
  const std::string body = "1\r\na\r\n00A;x\r\n0123456789\r\n0\r\nT: v\r\n\r\n";
  for (std::size_t cut = 1; cut < body.size(); ++cut) {
    CAPTURE(cut);
    RawClient client(api.port());
    client.send(patch("Transfer-Encoding: chunked\r\nConnection: close\r\n") + body.substr(0, cut));
    std::this_thread::yield();
    client.send(body.substr(cut));
    CHECK(json::parse(rest_of(client).body, nullptr, false).value("bytes", 0) == 11);
  }
}

TEST_CASE("[D23] a body that does not arrive whole is an error for its handler") {
  SampleApi api(SampleApi::quick_limits());
  struct Row {
    std::string what, fields, body;
    bool hang_up;
    int status;
    std::string code;
  };
  const Row rows[] = {
      {"cut by length", "Content-Length: 100\r\n", "abc", true, 400, "body_truncated"},
      {"cut chunks", "Transfer-Encoding: chunked\r\n", "5\r\nabc", true, 400, "body_truncated"},
      {"cut before the end", "Transfer-Encoding: chunked\r\n", "1\r\na\r\n", true, 400,
       "body_truncated"},
      {"silent", "Content-Length: 100\r\n", "abc", false, 408, "request_timeout"},
      {"too large by length", "Content-Length: 2000000\r\n", "", false, 413, "body_too_large"},
      {"too large in chunks", "Transfer-Encoding: chunked\r\n", "200000\r\n", false, 413,
       "body_too_large"},
      {"negative", "Transfer-Encoding: chunked\r\n", "-1\r\n", false, 400, "chunk_malformed"},
      {"overflowing", "Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFFFF\r\n", false, 400,
       "chunk_malformed"},
      {"no size", "Transfer-Encoding: chunked\r\n", "\r\n", false, 400, "chunk_malformed"},
      {"hexadecimal prefix", "Transfer-Encoding: chunked\r\n", "0x1\r\na\r\n", false, 400,
       "chunk_malformed"},
      {"bare LF", "Transfer-Encoding: chunked\r\n", "1\na\r\n", false, 400, "chunk_malformed"},
      {"too long a chunk", "Transfer-Encoding: chunked\r\n", "1\r\nabc\r\n", false, 400,
       "chunk_malformed"},
      {"endless extension", "Transfer-Encoding: chunked\r\n", "1;" + std::string(1000, 'x'), false,
       400, "chunk_malformed"},
      {"control in extension", "Transfer-Encoding: chunked\r\n", std::string("1;\0\r\n", 5), false,
       400, "chunk_malformed"},
      {"endless trailers", "Transfer-Encoding: chunked\r\n",
       [] {
         std::string text = "0\r\n";
         for (int i = 0; i < 200; ++i) text += "Trailer: " + std::string(50, 'x') + "\r\n";
         return text;
       }(),
       false, 400, "chunk_malformed"},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    RawClient client(api.port());
    client.send(patch(row.fields) + row.body);
    if (row.hang_up) client.shut_down_sending();
    const auto answer = rest_of(client);
    CHECK(answer.status == row.status);
    CHECK(code_of(answer) == row.code);
    CHECK(answer.field("Connection") == "close");
    if (row.what != "too large by length") CHECK(api.last_body_error() == row.code);
  }
  CHECK(api.alive());
}

TEST_CASE("a body that trickles below the minimum rate is cut off though it is never silent") {
  SampleApi api(SampleApi::quick_limits());
  RawClient client(api.port());
  client.send(patch("Content-Length: 10000\r\n"));
  const auto from = std::chrono::steady_clock::now();
  while (!client.read_until("\r\n\r\n", Millis(50))) {  // 20 bytes a second, 100 are the least
    if (std::chrono::steady_clock::now() - from > std::chrono::seconds(20)) break;
    client.send("x");
  }
  const auto answer = rest_of(client);
  CHECK(answer.status == 408);
  CHECK(std::chrono::steady_clock::now() - from > Millis(500));
}

TEST_CASE("100-continue is sent when the body is wanted, and only then") {
  SampleApi api;
  RawClient wanted(api.port());
  wanted.send(patch("Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n"));
  REQUIRE(wanted.read_until("HTTP/1.1 100 Continue\r\n\r\n"));
  wanted.bytes().clear();
  wanted.send("abc");
  CHECK(json::parse(rest_of(wanted).body, nullptr, false).value("bytes", 0) == 3);

  RawClient unwanted(api.port());
  unwanted.send("POST /v1/posts HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n" + kJson +
                "Content-Length: 3\r\n\r\n");
  CHECK(rest_of(unwanted).status == 401);

  RawClient odd(api.port());
  odd.send(patch("Expect: 200-maybe\r\nContent-Length: 3\r\n"));
  CHECK(rest_of(odd).status == 417);
}

TEST_CASE("a body that nobody reads never becomes the next request") {
  SampleApi api;
  const std::string inner = "GET /v1/hello?name=smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  RawClient client(api.port());
  client.send("POST /v1/ignored HTTP/1.1\r\nHost: x\r\n" + length_of(inner) + "\r\n" + inner +
              "GET /v1/hello?name=next HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  const auto bytes = client.read_to_end().value_or("");
  CHECK(bytes.find("HTTP/1.1 204") == 0);
  CHECK(bytes.find("smuggled") == std::string::npos);
}

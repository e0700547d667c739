#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <random>
#include <vector>

#include "api/http/chunked.hpp"
#include "tests/api_http/raw_client.hpp"
#include "tests/api_http/sample_api.hpp"

using namespace fl;
using namespace fl::test;

namespace {

std::string get(std::string_view target, std::string_view fields = "Host: x\r\n") {
  return "GET " + std::string(target) + " HTTP/1.1\r\n" + std::string(fields) + "\r\n";
}
std::string post(std::string_view fields, std::string_view body) {
  return "POST /v1/posts HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer tok-alice\r\n"
         "Content-Type: application/json\r\n" +
         std::string(fields) + "\r\n" + std::string(body);
}
std::string many_fields(int n) {
  std::string fields = "Host: x\r\n";
  for (int i = 0; i < n; ++i) fields += "F" + std::to_string(i) + ": v\r\n";
  return fields;
}

struct Row {
  std::string what, bytes;
  int status;  // 0: closed without an answer
};

}  // namespace

TEST_CASE("[D28] hostile requests get the refusal that fits, as a problem, and are closed") {
  SampleApi api(SampleApi::quick_limits());
  const std::string smuggled = "0\r\n\r\nGET /v1/hello?name=smuggled HTTP/1.1\r\nHost: x\r\n\r\n";
  const Row rows[] = {
      // framing
      {"length and coding", post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", smuggled),
       400},
      {"coding and length", post("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", smuggled),
       400},
      {"two lengths", post("Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), 400},
      {"conflicting lengths", post("Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), 400},
      {"a list of lengths", post("Content-Length: 2, 2\r\n", "{}"), 400},
      {"a negative length", post("Content-Length: -1\r\n", ""), 400},
      {"a signed length", post("Content-Length: +2\r\n", "{}"), 400},
      {"a hexadecimal length", post("Content-Length: 0x2\r\n", "{}"), 400},
      {"a length with a space in it", post("Content-Length: 2 2\r\n", "{}"), 400},
      {"an empty length", post("Content-Length: \r\n", "{}"), 400},
      {"a length beyond 64 bits", post("Content-Length: 18446744073709551618\r\n", "{}"), 400},
      {"a huge length", post("Content-Length: 999999999999999999\r\n", "{}"), 413},
      {"too large a body", post("Content-Length: 300000\r\n", ""), 413},
      {"no length", post("", "{}"), 411},
      {"two codings",
       post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", smuggled), 400},
      {"an unknown coding", post("Transfer-Encoding: gzip\r\n", "{}"), 501},
      {"chunked in the middle", post("Transfer-Encoding: chunked, identity\r\n", smuggled), 501},
      {"a list of codings", post("Transfer-Encoding: gzip, chunked\r\n", smuggled), 501},
      {"chunked twice", post("Transfer-Encoding: chunked, chunked\r\n", smuggled), 501},
      {"an obscured coding",
       post("Transfer-Encoding: \x0b"
            "chunked\r\n",
            smuggled),
       400},
      {"a coding with a space before its colon", post("Transfer-Encoding : chunked\r\n", smuggled),
       400},
      {"a negative chunk", post("Transfer-Encoding: chunked\r\n", "-5\r\n{}\r\n0\r\n\r\n"), 400},
      {"a bad chunk", post("Transfer-Encoding: chunked\r\n", "zz\r\n{}\r\n0\r\n\r\n"), 400},
      {"a huge chunk", post("Transfer-Encoding: chunked\r\n", "FFFFFFFFFFFFFFF\r\n"), 413},
      {"an overflowing chunk", post("Transfer-Encoding: chunked\r\n", "10000000000000002\r\n{}"),
       400},
      {"an endless chunk extension",
       post("Transfer-Encoding: chunked\r\n", "2;" + std::string(5000, 'e')), 400},
      {"a chunk without its end", post("Transfer-Encoding: chunked\r\n", "2\r\n{}XX0\r\n\r\n"),
       400},
      {"a coding on HTTP/1.0",
       "POST /v1/posts HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n" + smuggled, 400},
      // line ends and bytes
      {"bare line feeds", "GET /v1/hello HTTP/1.1\nHost: x\n\n", 400},
      {"a bare line feed in a field", get("/v1/hello", "Host: x\r\nA: b\nC: d\r\n"), 400},
      {"a bare carriage return", get("/v1/hello", "Host: x\r\nA: b\rC: d\r\n"), 400},
      {"a NUL in a field", get("/v1/hello", std::string("Host: x\r\nA: \0\r\n", 15)), 400},
      {"a folded field", get("/v1/hello", "Host: x\r\nA: b\r\n c\r\n"), 400},
      {"a folded first field", get("/v1/hello", " Host: x\r\n"), 400},
      {"a field without colon", get("/v1/hello", "Host: x\r\nnothing\r\n"), 400},
      {"a field without name", get("/v1/hello", "Host: x\r\n: v\r\n"), 400},
      {"a space in a name", get("/v1/hello", "Host: x\r\nA B: v\r\n"), 400},
      {"a TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11), 400},
      {"an HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
      // request line
      {"no version", "GET /v1/hello\r\n\r\n", 400},
      {"an unknown version", "GET /v1/hello HTTP/1.2\r\nHost: x\r\n\r\n", 400},
      {"version 3", "GET /v1/hello HTTP/3.0\r\nHost: x\r\n\r\n", 400},
      {"a lower case version", "GET /v1/hello http/1.1\r\nHost: x\r\n\r\n", 400},
      {"two spaces", "GET  /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a space in the target", "GET /v1/hel lo HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"a space first", " GET /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"an unknown method", "STEAL /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", 405},
      {"a method in lower case", "get /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", 405},
      {"a method that is no token", "G(T /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      {"CONNECT", "CONNECT example.org:443 HTTP/1.1\r\nHost: x\r\n\r\n", 400},
      // targets
      {"a relative target", get("v1/hello"), 400},
      {"an asterisk", get("*"), 400},
      {"another scheme", get("ftp://x/v1/hello"), 400},
      {"a scheme without host", get("http:///v1/hello"), 400},
      {"an encoded NUL", get("/v1/files/a%00b"), 400},
      {"an encoded NUL in the query", get("/v1/hello?name=%00"), 400},
      {"an encoded line feed", get("/v1/files/a%0d%0ab"), 400},
      {"half an escape", get("/v1/files/a%4"), 400},
      {"a bad escape", get("/v1/files/%zz"), 400},
      {"a bad escape in the query", get("/v1/hello?name=%"), 400},
      {"an overlong encoding", get("/v1/files/%c0%ae%c0%ae"), 400},
      {"not UTF-8", get("/v1/files/%ff"), 400},
      {"dot segments", get("/v1/files/../../etc/passwd"), 400},
      {"encoded dot segments", get("/v1/files/%2e%2E/x"), 400},
      {"a fragment", get("/v1/hello#x"), 400},
      {"a backslash", get("/v1\\hello"), 400},
      {"bytes above ASCII", get("/v1/h\xc3\xa9llo"), 400},
      {"a long target", get("/" + std::string(5000, 'a')), 414},
      {"an endless target", "GET /" + std::string(20'000, 'a'), 414},
      {"too many segments",
       get("/v1/files/" +
           [] {
             std::string path;
             for (int i = 0; i < 100; ++i) path += "a/";
             return path + "a";
           }()),
       400},
      {"too many parameters",
       get("/v1/hello?" +
           [] {
             std::string query;
             for (int i = 0; i < 100; ++i) query += "a" + std::to_string(i) + "=1&";
             return query;
           }()),
       400},
      // fields
      {"no host", get("/v1/hello", ""), 400},
      {"two hosts", get("/v1/hello", "Host: x\r\nHost: y\r\n"), 400},
      {"an empty host", get("/v1/hello", "Host:\r\n"), 400},
      {"a bad host", get("/v1/hello", "Host: x/y\r\n"), 400},
      {"too many fields", get("/v1/hello", many_fields(100)), 431},
      {"a large field", get("/v1/hello", "Host: x\r\nA: " + std::string(17'000, 'a') + "\r\n"),
       431},
      {"endless fields", "GET / HTTP/1.1\r\nHost: x\r\nA: " + std::string(20'000, 'a'), 431},
      {"an unknown expectation", get("/v1/hello", "Host: x\r\nExpect: coffee\r\n"), 417},
      {"an unfinished header", "GET /v1/hello HTTP/1.1\r\nHost: x\r\n", 408},
      {"nothing but a line end", "\r\n", 0},
      {"deep JSON", post("Content-Length: 1000\r\n", std::string(1000, '[')), 400},
  };
  CHECK(std::size(rows) >= 40);
  for (const auto& row : rows) {
    CAPTURE(row.what);
    RawClient client(api.port());
    client.send(row.bytes);
    if (row.status == 0) client.shut_down_sending();
    auto bytes = client.read_to_end();
    REQUIRE(bytes);
    CHECK(bytes->find("smuggled") == std::string::npos);
    const auto answer = take_answer(*bytes);
    CHECK((answer ? answer->status : 0) == row.status);
    CHECK(bytes->empty());  // one answer, and no second reading of the same bytes
    if (!answer) continue;
    CHECK(answer->field("Content-Type") == "application/problem+json");
    CHECK_FALSE(nlohmann::json::parse(answer->body, nullptr, false).is_discarded());
  }
  CHECK(api.alive());
}

TEST_CASE("odd but lawful requests are served") {
  SampleApi api;
  const Row rows[] = {
      {"absolute form", get("http://x/v1/hello"), 200},
      {"an escaped letter", get("/v1/%68ello"), 200},
      {"HTTP/1.0 without host", "GET /v1/hello HTTP/1.0\r\n\r\n", 200},
      {"line ends first", "\r\n\r\n" + get("/v1/hello"), 200},
      {"all servers", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 204},
      {"an empty length", get("/v1/hello", "Host: x\r\nContent-Length: 0\r\n"), 200},
      {"an upgrade that we do not do", get("/v1/hello", "Host: x\r\nUpgrade: h2c\r\n"), 200},
      {"an IPv6 host", get("/v1/hello", "Host: [::1]:80\r\n"), 200},
      {"chunks for JSON",
       post("Transfer-Encoding: Chunked\r\n", "f\r\n{\"caption\":\"ab\"\r\n1\r\n}\r\n0\r\n\r\n"),
       201},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    RawClient client(api.port());
    client.send(row.bytes);
    client.shut_down_sending();
    auto bytes = client.read_to_end();
    REQUIRE(bytes);
    const auto answer = take_answer(*bytes);
    REQUIRE(answer);
    CHECK(answer->status == row.status);
  }
}

TEST_CASE("answers cannot be split by what a client sends") {
  SampleApi api;
  const std::string body = R"({"caption":"a\r\nX: y"})";
  RawClient client(api.port());
  client.send(
      post("Connection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n", body));
  auto bytes = client.read_to_end().value_or("");
  const auto answer = take_answer(bytes);
  REQUIRE(answer);
  CHECK(answer->status == 201);
  CHECK(answer->field("Location") == "/v1/posts/aX: y");
  CHECK(answer->field("X").empty());
}

TEST_CASE("thousands of mutated requests neither stop the server nor get a 5xx") {
  const char* given = std::getenv("FANLEDGER_TEST_SEED");
  const unsigned long seed =
      given ? std::strtoul(given, nullptr, 10) : static_cast<unsigned long>(std::random_device{}());
  MESSAGE("seed " << seed << " (set FANLEDGER_TEST_SEED to repeat)");
  std::mt19937_64 random(seed);
  SampleApi api;
  const std::vector<std::string> sources = {
      get("/v1/hello?name=a%20b&limit=3"),
      get("/v1/film", "Host: x\r\nRange: bytes=0-99\r\nIf-Range: \"e1\"\r\n"),
      post("Content-Length: 16\r\n", "{\"caption\":\"hey\"}"),
      post("Transfer-Encoding: chunked\r\n",
           "8;a=b\r\n{\"captio\r\n8\r\nn\":\"hey\"\r\n1\r\n}\r\n"
           "0\r\nT: v\r\n\r\n"),
      "PATCH /v1/uploads/a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
      get("/v1/echo",
          "Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
          "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"),
      "OPTIONS /v1/posts HTTP/1.1\r\nHost: x\r\nOrigin: http://a\r\n"
      "Access-Control-Request-Method: POST\r\n\r\n",
  };
  const std::vector<std::string> spices = {"\r\n",
                                           "\n",
                                           "\r",
                                           "\r\n\r\n",
                                           std::string(1, '\0'),
                                           "%00",
                                           "%",
                                           "..",
                                           " ",
                                           "\t",
                                           ":",
                                           ";",
                                           "-1",
                                           "0",
                                           "18446744073709551616",
                                           "Content-Length: 3\r\n",
                                           "Transfer-Encoding: chunked\r\n",
                                           "\xff",
                                           "Host: y\r\n",
                                           "HTTP/1.0",
                                           "Expect: 100-continue\r\n",
                                           std::string(3000, 'A')};
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  int answered = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string bytes = sources[below(sources.size())];
    for (std::size_t k = 1 + below(4); k > 0 && !bytes.empty(); --k) {
      const auto at = below(bytes.size());
      switch (below(5)) {
        case 0:
          bytes[at] = static_cast<char>(random());
          break;
        case 1:
          bytes.insert(at, spices[below(spices.size())]);
          break;
        case 2:
          bytes.erase(at, 1 + below(8));
          break;
        case 3:
          bytes.insert(at, bytes.substr(below(bytes.size()), below(40)));
          break;
        default:
          bytes.resize(at);
      }
    }
    CAPTURE(i);
    CAPTURE(bytes);
    RawClient client(api.port());
    REQUIRE(client.connected());
    client.send(bytes);
    client.shut_down_sending();
    auto answers = client.read_to_end();
    REQUIRE(answers);
    if (answers->starts_with("HTTP/1.1 101")) continue;
    while (!answers->empty()) {
      const bool head_only = bytes.starts_with("HEAD");
      const auto answer = take_answer(*answers, head_only);
      REQUIRE(answer);
      const bool fine = answer->status < 500 || answer->status == 501;
      CHECK(fine);
      ++answered;
    }
  }
  CHECK(answered > 500);
  CHECK(api.alive());
}

TEST_CASE("the chunk decoder gives the same for any cut of the same bytes") {
  const std::string wire = "3\r\nabc\r\nA;q=\"z\"\r\n0123456789\r\n0\r\nT: v\r\n\r\nNEXT";
  for (std::size_t step = 1; step <= wire.size(); ++step) {
    http::ChunkDecoder decoder(64);
    std::string buffer, out;
    bool ended = false;
    for (std::size_t at = 0; at < wire.size() || !buffer.empty();) {
      const auto next = decoder.next(buffer);
      buffer.erase(0, next.skip);
      if (next.kind == http::ChunkDecoder::Step::end) {
        ended = true;
        break;
      }
      REQUIRE(next.kind != http::ChunkDecoder::Step::malformed);
      if (next.kind == http::ChunkDecoder::Step::data && !buffer.empty()) {
        const auto got = std::min<std::size_t>(buffer.size(), next.size);
        out += buffer.substr(0, got);
        buffer.erase(0, got);
        decoder.take(got);
        continue;
      }
      if (at >= wire.size()) break;
      buffer += wire.substr(at, step);
      at += step;
    }
    CHECK(ended);
    CHECK(out == "abc0123456789");
    CHECK(std::string_view("NEXT").starts_with(buffer));
  }
}

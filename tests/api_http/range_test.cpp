#include <doctest/doctest.h>

#include "tests/api_http/raw_client.hpp"
#include "tests/api_http/sample_api.hpp"

using namespace fl;
using namespace fl::test;

TEST_CASE("byte ranges get exactly the bytes that they name") {
  SampleApi api;
  const auto& film = api.film();
  const auto size = film.size();
  const auto last = std::to_string(size - 1), total = std::to_string(size);
  struct Row {
    std::string fields;
    int status;
    std::size_t from, length;
    std::string content_range;
  };
  const Row rows[] = {
      {"", 200, 0, size, ""},
      {"Range: bytes=0-99\r\n", 206, 0, 100, "bytes 0-99/" + total},
      {"Range: BYTES=0-0\r\n", 206, 0, 1, "bytes 0-0/" + total},
      {"Range: bytes=1000-\r\n", 206, 1000, size - 1000, "bytes 1000-" + last + "/" + total},
      {"Range: bytes=-5\r\n", 206, size - 5, 5,
       "bytes " + std::to_string(size - 5) + "-" + last + "/" + total},
      {"Range: bytes=-99999999999\r\n", 206, 0, size, "bytes 0-" + last + "/" + total},
      {"Range: bytes=5-99999999999999999999999\r\n", 206, 5, size - 5,
       "bytes 5-" + last + "/" + total},
      {"Range: bytes=" + last + "-\r\n", 206, size - 1, 1,
       "bytes " + last + "-" + last + "/" + total},
      {"Range: bytes=" + total + "-\r\n", 416, 0, 0, "bytes */" + total},
      {"Range: bytes=99999999999999999999999-\r\n", 416, 0, 0, "bytes */" + total},
      {"Range: bytes=-0\r\n", 416, 0, 0, "bytes */" + total},
      {"Range: bytes=0-1,5-6\r\n", 200, 0, size, ""},
      {"Range: bytes=5-4\r\n", 200, 0, size, ""},
      {"Range: bytes=-\r\n", 200, 0, size, ""},
      {"Range: bytes=a-b\r\n", 200, 0, size, ""},
      {"Range: bytes=+1-2\r\n", 200, 0, size, ""},
      {"Range: lines=1-2\r\n", 200, 0, size, ""},
      {"Range: bytes=0-1\r\nRange: bytes=2-3\r\n", 200, 0, size, ""},
      {"Range: bytes=0-9\r\nIf-Range: \"e1\"\r\n", 206, 0, 10, "bytes 0-9/" + total},
      {"Range: bytes=0-9\r\nIf-Range: \"e0\"\r\n", 200, 0, size, ""},
      {"Range: bytes=0-9\r\nIf-Range: W/\"e1\"\r\n", 200, 0, size, ""},
      {"Range: bytes=0-9\r\nIf-Range: Sun, 06 Nov 1994 08:49:37 GMT\r\n", 200, 0, size, ""},
      {"If-None-Match: \"e1\"\r\n", 304, 0, 0, ""},
      {"If-None-Match: \"x\", W/\"e1\"\r\n", 304, 0, 0, ""},
      {"If-None-Match: *\r\n", 304, 0, 0, ""},
      {"If-None-Match: \"e1\"\r\nRange: bytes=0-9\r\n", 304, 0, 0, ""},
      {"If-None-Match: \"e\"\r\n", 200, 0, size, ""},
  };
  for (const auto& row : rows) {
    CAPTURE(row.fields);
    const auto answer = ask(api.port(), "GET /v1/film", row.fields);
    CHECK(answer.status == row.status);
    CHECK(answer.field("Content-Range") == row.content_range);
    if (row.status == 200 || row.status == 206) {
      CHECK(answer.field("Accept-Ranges") == "bytes");
      CHECK(answer.field("ETag") == "\"e1\"");
      CHECK(answer.field("Cache-Control") == "private, no-cache");
      CHECK(answer.body.size() == row.length);
      CHECK((answer.body == film.substr(row.from, row.length)));
    }
    if (row.status == 304) CHECK(answer.body.empty());
    if (row.status == 416) CHECK(answer.field("Content-Type") == "application/problem+json");
  }
}

TEST_CASE("HEAD of a file tells its size and sends nothing of it, range or not") {
  SampleApi api;
  for (const std::string fields : {"", "Range: bytes=0-9\r\n"}) {
    const auto answer = ask(api.port(), "HEAD /v1/film", fields);
    CHECK(answer.status == 200);
    CHECK(answer.field("Content-Length") == std::to_string(api.film().size()));
  }
}

TEST_CASE("ranges follow each other on one connection") {
  SampleApi api;
  RawClient client(api.port());
  for (std::size_t from = 0; from < 1'000'000; from += 250'000) {
    const auto range = std::to_string(from) + "-" + std::to_string(from + 249'999);
    REQUIRE(client.send("GET /v1/film HTTP/1.1\r\nHost: x\r\nRange: bytes=" + range + "\r\n\r\n"));
    REQUIRE(client.read_until("\r\n\r\n"));
    REQUIRE(client.read_until_size(client.bytes().find("\r\n\r\n") + 4 + 250'000));
    const auto answer = take_answer(client.bytes());
    REQUIRE(answer);
    CHECK((answer->body == api.film().substr(from, 250'000)));
  }
}

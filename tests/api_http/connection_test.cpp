#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <thread>
#include <vector>

#include "tests/api_http/raw_client.hpp"
#include "tests/api_http/sample_api.hpp"

using namespace fl;
using namespace fl::test;
using Millis = RawClient::Millis;

namespace {
constexpr std::string_view kHello = "GET /v1/hello HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string kLast = "GET /v1/hello HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

int count(const std::string& text, std::string_view what) {
  int n = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++n;
  return n;
}
}  // namespace

TEST_CASE("pipelined requests are answered in order") {
  SampleApi api;
  std::string requests;
  for (int i = 0; i < 100; ++i) {
    requests += "GET /v1/hello?name=n" + std::to_string(i) + " HTTP/1.1\r\nHost: x\r\n\r\n";
  }
  RawClient client(api.port());
  client.send(requests + kLast);
  auto bytes = client.read_to_end().value_or("");
  for (int i = 0; i < 100; ++i) {
    const auto answer = take_answer(bytes);
    REQUIRE(answer);
    CHECK(answer->body.find("\"n" + std::to_string(i) + "\"") != std::string::npos);
  }
  CHECK(take_answer(bytes));
  CHECK(bytes.empty());
}

TEST_CASE("a request may arrive a byte at a time") {
  SampleApi api;
  RawClient client(api.port());
  for (const char c : kLast) client.send(std::string_view(&c, 1));
  CHECK(client.read_to_end().value_or("").starts_with("HTTP/1.1 200"));
}

TEST_CASE("a header that comes too slowly gets 408, an idle connection is just closed") {
  auto limits = SampleApi::quick_limits();
  limits.keep_alive_idle = Millis(300);
  SampleApi api(limits);
  RawClient slow(api.port()), idle(api.port()), between(api.port());
  between.send(kHello);
  slow.send("GET /v1/hello HTTP/1.1\r\n");
  const auto from = std::chrono::steady_clock::now();
  while (!slow.read_until("\r\n\r\n", Millis(40))) {  // never silent for long
    if (std::chrono::steady_clock::now() - from > std::chrono::seconds(20)) break;
    slow.send("X: y\r\n");
  }
  CHECK(slow.bytes().starts_with("HTTP/1.1 408"));
  CHECK(idle.read_to_end() == "");
  const auto answered = between.read_to_end();
  REQUIRE(answered);
  CHECK(count(*answered, "HTTP/1.1") == 1);
}

TEST_CASE("a client that does not read its answer is cut off") {
  SampleApi api(SampleApi::quick_limits());
  for (const std::string path : {"/v1/big", "/v1/film"}) {
    CAPTURE(path);
    RawClient client(api.port(), 4096);
    std::string requests;  // the film alone would fit into the kernel's buffers
    for (int i = 0; i < 20; ++i) requests += "GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n";
    client.send(requests);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (api.server().connections() != 1 && std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
    }
    while (api.server().connections() != 0 && std::chrono::steady_clock::now() < until) {
      std::this_thread::yield();
    }
    CHECK(api.server().connections() == 0);
  }
  CHECK(api.alive());
}

TEST_CASE("a client that reads slowly but steadily gets all of it") {
  auto limits = SampleApi::patient_limits();
  limits.write_chunk_bytes = 16 * 1024;
  SampleApi api(limits);
  RawClient client(api.port(), 8192);
  client.send("GET /v1/film HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  auto bytes = client.read_to_end(Millis(20'000)).value_or("");
  const auto answer = take_answer(bytes);
  REQUIRE(answer);
  CHECK((answer->body == api.film()));
}

TEST_CASE("two hundred connections are served at once") {
  SampleApi api;
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 200; ++i) clients.push_back(std::make_unique<RawClient>(api.port()));
  for (int round = 0; round < 3; ++round) {
    for (auto& client : clients) REQUIRE(client->send(kHello));
    for (auto& client : clients) {
      REQUIRE(client->read_until("\"world\""));
      CHECK(take_answer(client->bytes()));
    }
  }
  CHECK(api.server().connections() == 200);
}

TEST_CASE("connections beyond the bound are turned away, and room is made when others go") {
  auto limits = SampleApi::patient_limits();
  limits.connections = 3;
  SampleApi api(limits);
  std::vector<std::unique_ptr<RawClient>> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(std::make_unique<RawClient>(api.port()));
    clients.back()->send(kHello);
    REQUIRE(clients.back()->read_until("world"));
  }
  RawClient extra(api.port());
  CHECK(extra.read_to_end().value_or("").starts_with("HTTP/1.1 503"));
  clients.clear();
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (api.server().connections() > 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  CHECK(api.alive());
}

TEST_CASE("a stopping server finishes the answer that it is giving, and closes idle connections") {
  SampleApi api;
  RawClient idle(api.port()), busy(api.port());
  idle.send(kHello);
  REQUIRE(idle.read_until("world"));
  busy.send("PATCH /v1/uploads/a HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\nabc");
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (api.uploads_begun() == 0 && std::chrono::steady_clock::now() < until) {
    std::this_thread::yield();
  }
  std::thread stopper([&] { api.server().stop(); });
  CHECK(idle.read_to_end().has_value());
  busy.send("def");
  CHECK(busy.read_to_end().value_or("").find("\"bytes\":6") != std::string::npos);
  stopper.join();
  CHECK(api.server().connections() == 0);
}

TEST_CASE("an address that is taken is refused") {
  SampleApi api;
  http::ServerOptions options;
  options.port = api.port();
  const auto second = http::Server::start(http::Router(), std::move(options));
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().code == "listen_failed");
}

#include <doctest/doctest.h>

#include <atomic>
#include <future>
#include <thread>

#include "api/http/websocket.hpp"
#include "tests/api_http/raw_client.hpp"
#include "tests/api_http/sample_api.hpp"
#include "tests/api_http/text.hpp"
#include "tests/api_http/ws_client.hpp"

using namespace fl;
using namespace fl::test;
using Millis = RawClient::Millis;

namespace {

std::string text_of(std::optional<WsClient::Frame> frame) {
  return frame ? frame->payload : "(nothing)";
}

/// Polls until it holds, or twenty seconds have passed.
bool comes_true(const std::function<bool()>& condition) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::yield();
  }
  return true;
}

constexpr std::size_t kMany = 10'000;

/// Sends pieces of 8 KiB until one is refused, faster than anyone reads; how many were taken.
std::size_t fill(http::WebSocket& socket) {
  const std::string piece(8192, 'x');
  std::size_t taken = 0;
  while (taken < kMany && socket.send(piece)) ++taken;
  return taken;
}

}  // namespace

TEST_CASE(
    "a WebSocket says back what it hears, in order, in messages of any size up to the limit") {
  SampleApi api;
  WsClient client(api.port(), "/v1/echo");
  REQUIRE(client.handshake().status == 101);
  CHECK(client.handshake().field("Sec-WebSocket-Accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  for (const std::size_t size : {0u, 1u, 125u, 126u, 65535u, 65536u}) {
    const std::string text(size, 'a');
    REQUIRE(client.send(text));
    CHECK((text_of(client.next()) == text));
  }
  for (int i = 0; i < 50; ++i) client.send(std::to_string(i));
  for (int i = 0; i < 50; ++i) CHECK(text_of(client.next()) == std::to_string(i));
  client.send_frame(0x01, "in two ");  // fragments
  client.send_frame(0x80, "pieces");
  CHECK(text_of(client.next()) == "in two pieces");
  client.send_frame(0x89, "ping");
  const auto pong = client.next();
  REQUIRE(pong);
  CHECK(pong->opcode == 10);
  CHECK(pong->payload == "ping");
}

TEST_CASE("a WebSocket closes with the code that fits") {
  SampleApi api;
  struct Row {
    std::string what;
    unsigned first_byte;
    std::string payload;
    int code;
    bool masked = true;
  };
  const Row rows[] = {
      {"the handler returns", 0x81, "leave", 1000},
      {"the handler refuses", 0x81, "refuse", 1008},
      {"the client closes", 0x88, std::string("\x03\xe8", 2), 1000},
      {"a binary message", 0x82, "x", 1003},
      {"text that is not UTF-8", 0x81, "\xff\xff", 1007},
      {"a message that is too large", 0x81, std::string(70'000, 'x'), 1009},
      {"a frame without mask", 0x81, "x", 1002, false},
      {"reserved bits", 0xf1, "x", 1002},
      {"a reserved opcode", 0x83, "x", 1002},
      {"a fragmented ping", 0x09, "x", 1002},
      {"a ping that is too large", 0x89, std::string(126, 'x'), 1002},
      {"a continuation of nothing", 0x80, "x", 1002},
      {"a close code that is not one", 0x88, std::string("\x00\x01", 2), 1002},
  };
  for (const auto& row : rows) {
    CAPTURE(row.what);
    WsClient client(api.port(), "/v1/echo");
    REQUIRE(client.handshake().status == 101);
    client.send_frame(row.first_byte, row.payload, row.masked);
    CHECK(client.read_close_code() == row.code);
  }
  CHECK(api.alive());
  CHECK(comes_true([&] { return api.server().connections() == 0; }));
}

TEST_CASE("a WebSocket is refused before its handshake, with a problem") {
  SampleApi api(SampleApi::patient_limits(), {.allowed_origins = {"https://app.example"}});
  struct Row {
    std::string path, fields;
    int status;
  };
  const Row rows[] = {
      {"/v1/private", "", 401},
      {"/v1/private", "Authorization: Bearer wrong\r\n", 401},
      {"/v1/private?late=1", kAlice, 403},
      {"/v1/nowhere", "", 404},
      {"/v1/echo", "Origin: https://evil.example\r\n", 403},
      {"/v1/echo", "Origin: https://app.example\r\n", 101},
      {"/v1/echo", "Origin: http://test\r\n", 101},
      {"/v1/private", kAlice + "Sec-WebSocket-Protocol: chat.v1\r\n", 101},
  };
  for (const auto& row : rows) {
    CAPTURE(row.path);
    CAPTURE(row.fields);
    WsClient client(api.port(), row.path, row.fields);
    CHECK(client.handshake().status == row.status);
    if (row.status == 101) continue;
    CHECK(client.handshake().field("Content-Type") == "application/problem+json");
  }
  WsClient alice(api.port(), "/v1/private", kAlice + "Sec-WebSocket-Protocol: chat.v1\r\n");
  CHECK(alice.handshake().field("Sec-WebSocket-Protocol") == "chat.v1");
  CHECK(text_of(alice.next()).starts_with("welcome acc_"));
}

TEST_CASE("messages may be sent from any thread") {
  SampleApi api;
  WsClient client(api.port(), "/v1/echo");
  REQUIRE(comes_true([&] { return api.last_socket() != nullptr; }));
  const auto socket = api.last_socket();
  std::vector<std::thread> senders;
  for (int t = 0; t < 4; ++t) {
    senders.emplace_back([socket] {
      for (int i = 0; i < 10; ++i) CHECK(socket->send("hello"));
    });
  }
  for (auto& sender : senders) sender.join();
  for (int i = 0; i < 40; ++i) CHECK(text_of(client.next()) == "hello");
}

TEST_CASE("a client that does not read is cut off, and holds no more than the bound") {
  SampleApi api;
  WsClient client(api.port(), "/v1/echo", "", 4096);
  REQUIRE(comes_true([&] { return api.last_socket() != nullptr; }));
  const auto socket = api.last_socket();
  const std::size_t taken = fill(*socket);
  REQUIRE(taken < kMany);
  CHECK(taken >= 256 / 8);  // the queue at least, and what the kernel holds
  CHECK_FALSE(socket->open());
  CHECK_FALSE(socket->send("more"));
  CHECK(comes_true([&] { return api.server().connections() == 0; }));
  CHECK(api.alive());
}

TEST_CASE("a client that is slow but reads learns that it was too slow") {
  SampleApi api;
  WsClient client(api.port(), "/v1/echo", "", 4096);
  REQUIRE(comes_true([&] { return api.last_socket() != nullptr; }));
  const auto socket = api.last_socket();
  REQUIRE(fill(*socket) < kMany);
  CHECK(client.read_close_code() == 1013);
}

TEST_CASE("who waits for room loses nothing, however slowly the client reads") {
  SampleApi api;
  WsClient client(api.port(), "/v1/echo", "", 4096);
  REQUIRE(comes_true([&] { return api.last_socket() != nullptr; }));
  const auto socket = api.last_socket();
  constexpr int kPieces = 3000;  // some twelve times the queue
  std::thread sender([socket] {
    const std::string padding(2000, 'x');
    for (int i = 0; i < kPieces; ++i) {
      if (!socket->has_room()) {
        std::promise<void> room;
        socket->when_room([&] { room.set_value(); });
        room.get_future().wait();
      }
      if (!socket->send(std::to_string(i) + padding)) return;
    }
  });
  int next = 0;
  while (next < kPieces) {
    const auto frame = client.next();
    if (!frame || frame->opcode != 1 || !frame->payload.starts_with(std::to_string(next) + "x"))
      break;
    ++next;
  }
  CHECK(next == kPieces);
  CHECK(socket->open());
  if (next < kPieces) socket->give_up();
  sender.join();
}

TEST_CASE("who waits for room is told when the client is gone, too") {
  SampleApi api;
  auto client = std::make_unique<WsClient>(api.port(), "/v1/echo", "", 4096);
  REQUIRE(comes_true([&] { return api.last_socket() != nullptr; }));
  const auto socket = api.last_socket();
  while (socket->has_room()) REQUIRE(socket->send(std::string(8192, 'x')));
  std::promise<void> room;
  socket->when_room([&] { room.set_value(); });
  client.reset();
  CHECK(room.get_future().wait_for(std::chrono::seconds(20)) == std::future_status::ready);
}

TEST_CASE("a message that comes as the queue runs empty does not end the connection") {
  SampleApi api;
  WsClient client(api.port(), "/v1/echo");
  REQUIRE(comes_true([&] { return api.last_socket() != nullptr; }));
  const auto socket = api.last_socket();
  constexpr int kMessages = 50'000;
  std::atomic<int> got = 0;
  std::thread sender([&] {  // each as the one before it goes out: one in many meets the moment
    for (int i = 0; i < kMessages && socket->send("x"); ++i) {
      while (got < i && socket->open()) std::this_thread::yield();
    }
  });
  while (got < kMessages && client.next()) ++got;
  sender.join();
  CHECK(got == kMessages);
  CHECK(socket->open());
}

TEST_CASE("a silent WebSocket client is dropped, one that answers pings is kept") {
  auto limits = SampleApi::patient_limits();
  limits.websocket_idle = Millis(1600);
  SampleApi api(limits);
  WsClient silent(api.port(), "/v1/echo");
  WsClient lively(api.port(), "/v1/echo");
  for (int pings = 0; pings < 4; ++pings) {  // twice as long as silence is allowed
    const auto frame = lively.next();
    REQUIRE(frame);
    REQUIRE(frame->opcode == 9);
    lively.send_frame(0x8a, frame->payload);
  }
  lively.send("still here");
  CHECK(text_of(lively.next()) == "still here");
  CHECK(silent.socket().read_to_end().has_value());
}

TEST_CASE("a stopping server tells its WebSockets, and they outlive it harmlessly") {
  std::shared_ptr<http::WebSocket> kept;
  {
    SampleApi api;
    WsClient client(api.port(), "/v1/echo");
    REQUIRE(comes_true([&] { return api.last_socket() != nullptr; }));
    kept = api.last_socket();
    std::thread stopper([&] { api.server().stop(); });
    CHECK(client.read_close_code() == 1001);
    client.send_frame(0x88, std::string("\x03\xe9", 2));
    stopper.join();
  }
  CHECK_FALSE(kept->send("anyone?"));
  CHECK_FALSE(kept->open());
  kept->close(1000);
}

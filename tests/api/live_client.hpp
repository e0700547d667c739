#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "tests/api_http/ws_client.hpp"

namespace fl::test {

/// A client of the live channel that is logged in from the start.
class LiveClient {
 public:
  using Millis = RawClient::Millis;

  /// `receive_buffer`: of the socket, for one that reads slowly.
  LiveClient(std::uint16_t port, const std::string& fields, int receive_buffer = 0)
      : ws_(port, "/v1/live", fields, receive_buffer) {
    REQUIRE(ws_.handshake().status == 101);
    REQUIRE(next_of("ready"));
  }

  void ask(const nlohmann::json& request) { REQUIRE(ws_.send(request.dump())); }
  void subscribe(const std::string& channel, const std::string& cursor = "") {
    nlohmann::json request{{"type", "subscribe"}, {"channel", channel}};
    if (!cursor.empty()) request["cursor"] = cursor;
    ask(request);
    REQUIRE(next_of("subscribed"));
  }

  /// The next message; nothing when the socket ends, or time is up. Pings are answered.
  std::optional<nlohmann::json> next(Millis within = Millis(30'000)) {
    while (auto frame = ws_.next(within)) {
      if (frame->opcode == 9) ws_.send_frame(0x8a, frame->payload);
      if (frame->opcode == 8) close_code_ = frame->close_code();
      if (frame->opcode == 8) return std::nullopt;
      if (frame->opcode == 1) return nlohmann::json::parse(frame->payload);
    }
    return std::nullopt;
  }
  /// The next of a type; those before it are dropped.
  std::optional<nlohmann::json> next_of(const std::string& type, Millis within = Millis(30'000)) {
    while (auto message = next(within)) {
      if ((*message)["type"] == type) return message;
    }
    return std::nullopt;
  }
  int close_code() const { return close_code_; }  ///< 0 while no close frame was read
  WsClient& socket() { return ws_; }

 private:
  WsClient ws_;
  int close_code_ = 0;
};

}  // namespace fl::test

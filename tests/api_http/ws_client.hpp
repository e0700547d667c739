#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/api_http/raw_client.hpp"

namespace fl::test {

/// A WebSocket client made of raw frames (RFC 6455), so that it may also misbehave.
class WsClient {
 public:
  explicit WsClient(std::uint16_t port, std::string_view path, std::string_view fields = "",
                    int receive_buffer = 0);

  Answer& handshake() { return handshake_; }
  bool send(std::string_view text) { return send_frame(0x81, text); }
  bool send_frame(unsigned first_byte, std::string_view payload, bool masked = true);

  struct Frame {
    int opcode = 0;
    std::string payload;
    /// Of a close frame; 0 when it has none.
    int close_code() const;
  };
  /// The next frame; nothing at the end of the stream or when time is up.
  std::optional<Frame> next(RawClient::Millis within = RawClient::Millis(20'000));
  /// Skips to the close frame; its code, −1 when the socket ends without one.
  int read_close_code(RawClient::Millis within = RawClient::Millis(20'000));
  RawClient& socket() { return client_; }

 private:
  RawClient client_;
  Answer handshake_;
};

}  // namespace fl::test

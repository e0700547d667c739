#include "tests/api_http/ws_client.hpp"

#include <fmt/format.h>

namespace fl::test {

WsClient::WsClient(std::uint16_t port, std::string_view path, std::string_view fields,
                   int receive_buffer)
    : client_(port, receive_buffer) {
  client_.send(
      fmt::format("GET {} HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\n"
                  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{}\r\n",
                  path, fields));
  if (!client_.read_until("\r\n\r\n")) return;
  const bool refused = !client_.bytes().starts_with("HTTP/1.1 101");
  if (refused) (void)client_.read_to_end();
  if (auto answer = take_answer(client_.bytes())) handshake_ = std::move(*answer);
}

bool WsClient::send_frame(unsigned first_byte, std::string_view payload, bool masked) {
  std::string frame(1, static_cast<char>(first_byte));
  const auto put = [&](std::size_t value) { frame.push_back(static_cast<char>(value & 0xff)); };
  const unsigned mask_bit = masked ? 0x80u : 0u;
  if (payload.size() < 126) {
    put(mask_bit | payload.size());
  } else if (payload.size() < 65536) {
    put(mask_bit | 126u);
    for (int shift = 8; shift >= 0; shift -= 8) put(payload.size() >> shift);
  } else {
    put(mask_bit | 127u);
    for (int shift = 56; shift >= 0; shift -= 8) put(payload.size() >> shift);
  }
  const std::string mask = masked ? "\x11\x22\x33\x44" : std::string(4, '\0');
  if (masked) frame += mask;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame.push_back(static_cast<char>(payload[i] ^ mask[i % 4]));
  }
  return client_.send(frame);
}

int WsClient::Frame::close_code() const {
  if (payload.size() < 2) return 0;
  return static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
}

std::optional<WsClient::Frame> WsClient::next(RawClient::Millis within) {
  std::string& bytes = client_.bytes();
  if (!client_.read_until_size(2, within)) return std::nullopt;
  std::size_t length = static_cast<unsigned char>(bytes[1]) & 0x7f;
  std::size_t head = 2;
  const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (more > 0) {
    if (!client_.read_until_size(2 + more, within)) return std::nullopt;
    length = 0;
    for (std::size_t i = 0; i < more; ++i) {
      length = length * 256 + static_cast<unsigned char>(bytes[2 + i]);
    }
    head += more;
  }
  if (!client_.read_until_size(head + length, within)) return std::nullopt;
  Frame frame{static_cast<unsigned char>(bytes[0]) & 0x0f, bytes.substr(head, length)};
  bytes.erase(0, head + length);
  return frame;
}

int WsClient::read_close_code(RawClient::Millis within) {
  while (auto frame = next(within)) {
    if (frame->opcode == 8) return frame->close_code();
  }
  return -1;
}

}  // namespace fl::test

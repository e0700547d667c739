#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace fl::http {

/// Every bound of the edge, in one place. Sizes in bytes.
struct Limits {
  using Millis = std::chrono::milliseconds;

  std::size_t header_bytes = 16 * 1024;  ///< request line and fields together (431)
  std::size_t header_count = 64;         ///< fields (431)
  std::size_t target_bytes = 4 * 1024;   ///< of the request line (414)
  std::size_t json_body_bytes = 256 * 1024;
  std::size_t json_depth = 16;
  std::uint64_t streamed_body_bytes = 16 * 1024 * 1024;  ///< unless the route says otherwise
  std::size_t chunk_line_bytes = 256;                    ///< chunk size and extension

  Millis keep_alive_idle{60'000};  ///< between requests
  Millis header_read{10'000};      ///< from a request's first byte to the end of its fields (408)
  Millis body_stall{15'000};       ///< longest silence within a body (408)
  Millis body_grace{10'000};       ///< head start before the minimum rate counts
  std::uint64_t body_bytes_per_second = 1024;  ///< minimum, over the time spent waiting
  Millis write_stall{20'000};  ///< for a client to take `write_chunk_bytes`, then it is cut off
  std::size_t write_chunk_bytes = 64 * 1024;  ///< what a connection hands to the kernel at a time
  Millis linger{1'000};  ///< after a refusal, to let the client read the answer
  std::size_t linger_bytes = 256 * 1024;

  std::size_t connections = 10'000;  ///< beyond: 503 and close
  std::uint32_t requests_per_connection = 100'000;

  std::size_t websocket_message_bytes = 64 * 1024;
  std::size_t websocket_queue_messages = 256;       ///< outgoing, beyond: close 1013
  std::size_t websocket_queue_bytes = 1024 * 1024;  ///< outgoing, beyond: close 1013
  Millis websocket_idle{60'000};                    ///< no frame, not even a pong, for so long

  Millis stop_grace{5'000};  ///< for requests in flight when the server stops
};

}  // namespace fl::http

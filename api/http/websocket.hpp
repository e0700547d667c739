#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "api/http/awaitable.hpp"
#include "core/base/error.hpp"

namespace fl::http {

namespace close_code {
inline constexpr std::uint16_t kNormal = 1000;
inline constexpr std::uint16_t kGoingAway = 1001;
inline constexpr std::uint16_t kPolicy = 1008;
inline constexpr std::uint16_t kInternal = 1011;
inline constexpr std::uint16_t kTryAgainLater = 1013;
}  // namespace close_code

/// One WebSocket connection, held by shared_ptr: keep a weak_ptr to it in a hub. The peer is pinged
/// and a silent one is dropped after Limits::websocket_idle.
class WebSocket {
 public:
  virtual ~WebSocket() = default;

  /// Answers the handshake. Until then the handler may still refuse with an ordinary problem, by
  /// returning an error. `subprotocol`, if any, must be one that the client offered.
  virtual boost::asio::awaitable<Status> accept(std::string_view subprotocol = {}) = 0;

  /// The next text message, valid UTF-8. Called by the handler alone. Error `websocket_closed` once
  /// the connection is closed, by whichever side. (A binary message closes it with 1003.)
  virtual boost::asio::awaitable<Result<std::string>> receive() = 0;

  /// Queues a text message, from any thread. False when the connection is closing, or when the
  /// client is so slow that its queue is over its bound: it is then closed with 1013.
  virtual bool send(std::string message) = 0;

  /// Whether at most half of the queue is taken. Who has much to send stops when it is not, and
  /// goes on at `when_room`: then it loses nothing, and room is left for what cannot wait. From any
  /// thread.
  virtual bool has_room() const = 0;
  /// Calls `done` once when the queue has drained to a quarter, or takes nothing any more; perhaps
  /// before this returns. From any thread, on any thread: `done` must be quick.
  virtual void when_room(std::function<void()> done) = 0;
  /// Closes with 1013 a client that is too slow, without what is queued, from any thread.
  virtual void give_up() = 0;

  /// Begins to close, after what is queued, from any thread; `reason` is cut to 123 bytes.
  virtual void close(std::uint16_t code, std::string_view reason = {}) = 0;
  virtual bool open() const = 0;
};

}  // namespace fl::http

#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "api/http/stream.hpp"
#include "api/http/websocket.hpp"

namespace fl::http {

/// A WebSocket over the connection's socket. send, close and open come from any thread; the rest
/// runs on the connection's strand. Nothing of Asio is left in it once `finish` returns, so a hub
/// may keep it longer than the server lives.
class WebSocketSession final : public WebSocket,
                               public std::enable_shared_from_this<WebSocketSession> {
 public:
  using Handshake = boost::beast::http::request<boost::beast::http::empty_body>;
  WebSocketSession(Stream& stream, Handshake handshake, std::string request_id);

  boost::asio::awaitable<Status> accept(std::string_view subprotocol) override;
  boost::asio::awaitable<Result<std::string>> receive() override;
  bool send(std::string message) override;
  bool has_room() const override;
  void when_room(std::function<void()> done) override;
  void give_up() override;
  void close(std::uint16_t code, std::string_view reason) override;
  bool open() const override;

  bool accepted() const { return accepted_; }
  /// Closes with `code` unless closing already, waits for the end, lets go of the socket.
  boost::asio::awaitable<void> finish(std::uint16_t code, std::string reason);
  void cut();  ///< on the strand: closes the socket at once

 private:
  using Socket = boost::beast::websocket::stream<Stream::Socket, false>;
  struct Outgoing {
    enum class Then { write, rest, close } then = Then::write;
    std::string text;
    std::vector<std::function<void()>> waiting;  ///< those for whom there is room now
  };

  void close_with(std::uint16_t code, std::string_view reason, bool drop_queue);  ///< with the lock
  void begin_close(std::uint16_t code, std::string_view reason, bool drop_queue);
  void start_pump();  ///< with the lock held
  boost::asio::awaitable<void> pump();
  Outgoing next_outgoing();
  bool filled_to(std::size_t part) const;  ///< with the lock held: more than 1/part is taken
  /// With the lock held: those who wait for room, if there is any now. Call them without it.
  std::vector<std::function<void()>> take_waiting();

  const Limits& limits_;
  Stream& stream_;  ///< its deadline and, until accept, its socket
  Handshake handshake_;
  const std::string request_id_;
  bool accepted_ = false;
  std::optional<Socket> socket_;
  std::optional<boost::asio::steady_timer> pump_ended_;

  mutable std::mutex mutex_;
  boost::asio::any_io_executor executor_;  ///< empty before accept and after finish
  std::deque<std::string> queue_;
  std::size_t queued_bytes_ = 0;
  std::vector<std::function<void()>> waiting_;  ///< for room
  bool open_ = false;                           ///< takes messages to send
  bool pumping_ = false;
  bool ended_ = false;  ///< the closing handshake is over, or given up
  std::uint16_t close_code_ = 0;
  std::string close_reason_;
};

}  // namespace fl::http

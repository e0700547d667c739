#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "api/http/asio.hpp"
#include "api/nodes/frames.hpp"
#include "api/nodes/link_limits.hpp"
#include "api/nodes/node_url.hpp"

#include <boost/asio/ssl/stream.hpp>

namespace fl::nodes {

/// Messages to and from one peer, over TLS with certificates on both sides. Lives on the thread of
/// its io_context, where all of it is called. Ends by itself when the peer is not let in, breaks
/// the framing, says nothing or takes nothing for too long.
class Link : public std::enable_shared_from_this<Link> {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  struct Events {
    std::function<void()> opened;                        ///< the peer has shown its certificate
    std::function<void(std::string_view)> received;      ///< one message
    std::function<void(const std::string& why)> closed;  ///< at most once, never from within a call
  };

  /// The end that was called. The server's context outlives the link.
  static std::shared_ptr<Link> accept(Socket socket, boost::asio::ssl::context& context,
                                      const LinkLimits& limits, Events events);
  /// The end that calls: the certificate must be of the endpoint's host.
  static std::shared_ptr<Link> connect(boost::asio::io_context& io,
                                       boost::asio::ssl::context& context, const Endpoint& endpoint,
                                       const LinkLimits& limits, Events events);

  /// Queues a message of at most `frame_bytes`.
  void send(std::string_view message);
  bool open() const { return state_ == State::open; }

  /// Ends it; nothing more is called.
  void drop();

 private:
  enum class State { opening, open, closed };
  using Clock = std::chrono::steady_clock;
  using Tcp = boost::asio::ip::tcp;

  Link(Socket socket, boost::asio::ssl::context& context, const LinkLimits& limits, Events events);
  void resolve(const Endpoint& endpoint);
  void dial(const Tcp::resolver::results_type& addresses);
  void shake_hands(boost::asio::ssl::stream_base::handshake_type role);
  void read();
  void deliver(std::size_t bytes);
  void write();
  void watch();
  std::string overdue(Clock::time_point now) const;  ///< what the peer failed to do in time, or ""
  void end(const std::string& why);
  void close_socket();

  boost::asio::ssl::stream<Socket> stream_;
  Tcp::resolver resolver_;
  boost::asio::steady_timer timer_;
  const LinkLimits limits_;
  Events events_;
  State state_ = State::opening;
  bool dropped_ = false;
  FrameReader reader_;
  std::string queued_;   ///< not yet taken up by a write
  std::string writing_;  ///< being written, from `written_` on
  std::size_t written_ = 0;
  Clock::time_point began_;       ///< opening
  Clock::time_point last_read_;   ///< when bytes came
  Clock::time_point last_write_;  ///< when bytes went, or began to wait
  Clock::time_point frame_began_;
};

}  // namespace fl::nodes

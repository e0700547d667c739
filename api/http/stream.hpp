#pragma once

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <string>
#include <string_view>

#include "api/http/awaitable.hpp"
#include "api/http/limits.hpp"

namespace fl::http {

/// A deadline that the connection's coroutine sets and the server's reaper looks at. While it is
/// past, the reaper cancels what is pending on the socket, again and again, so no wake-up is lost.
class Deadline {
 public:
  using Clock = std::chrono::steady_clock;
  void arm(Limits::Millis in) { at_ = (Clock::now() + in).time_since_epoch().count(); }
  void disarm() { at_ = 0; }
  bool overdue(Clock::time_point now) const {
    const auto at = at_.load();
    return at != 0 && at <= now.time_since_epoch().count();
  }

 private:
  std::atomic<Clock::rep> at_ = 0;
};

/// A socket with a bounded read buffer and deadlines. Used on the connection's strand alone, but
/// for `deadline()`.
class Stream {
 public:
  using Socket = boost::asio::ip::tcp::socket;
  enum class Read { data, closed, timed_out };

  Stream(Socket socket, const Limits& limits) : socket_(std::move(socket)), limits_(limits) {}

  std::string_view buffered() const { return std::string_view(buffer_).substr(consumed_); }
  void consume(std::size_t bytes);

  /// Reads what there is, at least one byte, behind what is buffered.
  boost::asio::awaitable<Read> fill(Limits::Millis within);
  /// Reads straight into `into`; for when nothing is buffered.
  boost::asio::awaitable<Read> read_into(char* into, std::size_t size, std::size_t& got,
                                         Limits::Millis within);
  /// Writes both, a piece of Limits::write_chunk_bytes at a time; false when the client is gone or
  /// too slow.
  boost::asio::awaitable<bool> write(std::string_view first, std::string_view second = {});
  /// Waits until the kernel takes more; false when the client is too slow.
  boost::asio::awaitable<bool> wait_writable();
  /// Says that no more will come, and gives the client a moment to read what was sent: closing at
  /// once with unread input would destroy the answer on its way.
  boost::asio::awaitable<void> linger();

  void cancel();  ///< ends what is pending
  Socket& socket() { return socket_; }
  Deadline& deadline() { return deadline_; }
  const Limits& limits() const { return limits_; }
  bool answered_any_byte() const { return wrote_; }

 private:
  Read outcome_of(const boost::system::error_code& ec) const;

  Socket socket_;
  const Limits& limits_;
  Deadline deadline_;
  std::string buffer_;
  std::size_t consumed_ = 0;
  bool wrote_ = false;
};

}  // namespace fl::http

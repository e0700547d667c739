#include "api/http/stream.hpp"

#include <array>

#include "api/http/asio.hpp"

namespace fl::http {
namespace asio = boost::asio;
namespace {
constexpr std::size_t kReadBytes = 8 * 1024;
}

void Stream::consume(std::size_t bytes) {
  consumed_ += bytes;
  if (consumed_ == buffer_.size()) {
    buffer_.clear();
    consumed_ = 0;
  }
}

Stream::Read Stream::outcome_of(const boost::system::error_code& ec) const {
  if (!ec) return Read::data;
  return deadline_.overdue(Deadline::Clock::now()) ? Read::timed_out : Read::closed;
}

asio::awaitable<Stream::Read> Stream::fill(Limits::Millis within) {
  if (consumed_ > 0) {
    buffer_.erase(0, consumed_);
    consumed_ = 0;
  }
  const auto before = buffer_.size();
  buffer_.resize(before + kReadBytes);
  std::size_t got = 0;
  const Read read = co_await read_into(buffer_.data() + before, kReadBytes, got, within);
  buffer_.resize(before + got);
  co_return read;
}

asio::awaitable<Stream::Read> Stream::read_into(char* into, std::size_t size, std::size_t& got,
                                                Limits::Millis within) {
  deadline_.arm(within);
  boost::system::error_code ec;
  got = co_await socket_.async_read_some(asio::buffer(into, size),
                                         asio::redirect_error(asio::use_awaitable, ec));
  const Read read = outcome_of(ec);
  deadline_.disarm();
  co_return read;
}

asio::awaitable<bool> Stream::write(std::string_view first, std::string_view second) {
  wrote_ = true;
  while (!first.empty() || !second.empty()) {
    const auto head = first.substr(0, limits_.write_chunk_bytes);
    const auto tail = second.substr(0, limits_.write_chunk_bytes - head.size());
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(head.data(), head.size()),
                                                    asio::buffer(tail.data(), tail.size())};
    deadline_.arm(limits_.write_stall);
    boost::system::error_code ec;
    co_await asio::async_write(socket_, buffers, asio::redirect_error(asio::use_awaitable, ec));
    deadline_.disarm();
    if (ec) co_return false;
    first.remove_prefix(head.size());
    second.remove_prefix(tail.size());
  }
  co_return true;
}

asio::awaitable<bool> Stream::wait_writable() {
  deadline_.arm(limits_.write_stall);
  boost::system::error_code ec;
  co_await socket_.async_wait(Socket::wait_write, asio::redirect_error(asio::use_awaitable, ec));
  deadline_.disarm();
  co_return !ec;
}

asio::awaitable<void> Stream::linger() {
  boost::system::error_code ec;
  socket_.shutdown(Socket::shutdown_send, ec);
  const auto until = Deadline::Clock::now() + limits_.linger;
  std::array<char, 4096> dropped;
  for (std::size_t total = 0; total < limits_.linger_bytes && !ec;) {
    const auto left = std::chrono::duration_cast<Limits::Millis>(until - Deadline::Clock::now());
    if (left.count() <= 0) break;
    std::size_t got = 0;
    if (co_await read_into(dropped.data(), dropped.size(), got, left) != Read::data) break;
    total += got;
  }
}

void Stream::cancel() {
  boost::system::error_code ec;
  socket_.cancel(ec);
}

}  // namespace fl::http

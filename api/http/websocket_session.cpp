#include "api/http/websocket_session.hpp"

#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

#include "api/http/asio.hpp"
#include "api/http/utf8.hpp"
#include "core/base/assert.hpp"

namespace fl::http {
namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;
namespace {

constexpr std::size_t kMaxReason = 123;  // RFC 6455: a control frame has at most 125 bytes

Failure closed() {
  return fail(ErrorClass::unavailable, "websocket_closed", "", "The connection is closed.");
}

std::string cut_reason(std::string_view reason) {
  reason = reason.substr(0, kMaxReason);
  while (!reason.empty() && !utf8_length(reason)) reason.remove_suffix(1);
  return std::string(reason);
}

}  // namespace

WebSocketSession::WebSocketSession(Stream& stream, Handshake handshake, std::string request_id)
    : limits_(stream.limits()),
      stream_(stream),
      handshake_(std::move(handshake)),
      request_id_(std::move(request_id)) {}

asio::awaitable<Status> WebSocketSession::accept(std::string_view subprotocol) {
  FL_ASSERT(!accepted_);
  accepted_ = true;
  socket_.emplace(std::move(stream_.socket()));
  websocket::stream_base::timeout timeouts;
  timeouts.handshake_timeout = limits_.header_read;
  timeouts.idle_timeout = limits_.websocket_idle;
  timeouts.keep_alive_pings = true;
  socket_->set_option(timeouts);
  socket_->read_message_max(limits_.websocket_message_bytes);
  socket_->auto_fragment(false);
  socket_->set_option(websocket::stream_base::decorator(
      [protocol = std::string(subprotocol), id = request_id_](websocket::response_type& answer) {
        if (!protocol.empty()) answer.set("Sec-WebSocket-Protocol", protocol);
        answer.set("X-Request-Id", id);
      }));
  beast::error_code ec;
  co_await socket_->async_accept(handshake_, asio::redirect_error(asio::use_awaitable, ec));
  if (ec) {
    ended_ = true;
    co_return closed();
  }
  socket_->text(true);
  pump_ended_.emplace(socket_->get_executor());
  pump_ended_->expires_at(asio::steady_timer::time_point::max());
  std::lock_guard lock(mutex_);
  executor_ = socket_->get_executor();
  if (close_code_ == 0) {
    open_ = true;
  } else {
    start_pump();  // close() came during the handshake
  }
  co_return Status{};
}

asio::awaitable<Result<std::string>> WebSocketSession::receive() {
  if (!accepted_ || ended_) co_return closed();
  beast::flat_buffer buffer;
  beast::error_code ec;
  co_await socket_->async_read(buffer, asio::redirect_error(asio::use_awaitable, ec));
  if (ec) {
    begin_close(close_code::kNormal, "", true);
    co_return closed();
  }
  if (socket_->got_binary()) {
    begin_close(1003, "text messages only", true);
    co_return closed();
  }
  const auto data = buffer.cdata();
  co_return std::string(static_cast<const char*>(data.data()), data.size());
}

bool WebSocketSession::open() const {
  std::lock_guard lock(mutex_);
  return open_;
}

bool WebSocketSession::send(std::string message) {
  {
    std::lock_guard lock(mutex_);
    if (!open_) return false;
    const bool fits = queue_.size() < limits_.websocket_queue_messages &&
                      queued_bytes_ + message.size() <= limits_.websocket_queue_bytes;
    if (fits) {
      queued_bytes_ += message.size();
      queue_.push_back(std::move(message));
      start_pump();
      return true;
    }
  }
  give_up();
  return false;
}

bool WebSocketSession::filled_to(std::size_t part) const {
  return queue_.size() * part > limits_.websocket_queue_messages ||
         queued_bytes_ * part > limits_.websocket_queue_bytes;
}

bool WebSocketSession::has_room() const {
  std::lock_guard lock(mutex_);
  return !filled_to(2);
}

void WebSocketSession::when_room(std::function<void()> done) {
  {
    std::lock_guard lock(mutex_);
    if (open_ && filled_to(4)) {
      waiting_.push_back(std::move(done));
      return;
    }
  }
  done();
}

std::vector<std::function<void()>> WebSocketSession::take_waiting() {
  if (open_ && filled_to(4)) return {};
  return std::exchange(waiting_, {});
}

void WebSocketSession::give_up() {
  begin_close(close_code::kTryAgainLater, "too slow", true);
}

void WebSocketSession::close(std::uint16_t code, std::string_view reason) {
  begin_close(code, reason, false);
}

void WebSocketSession::begin_close(std::uint16_t code, std::string_view reason, bool drop_queue) {
  std::vector<std::function<void()>> waiting;
  {
    std::lock_guard lock(mutex_);
    close_with(code, reason, drop_queue);
    waiting = take_waiting();
  }
  for (const auto& done : waiting) done();
}

void WebSocketSession::close_with(std::uint16_t code, std::string_view reason, bool drop_queue) {
  if (close_code_ != 0) return;
  close_code_ = code;
  close_reason_ = cut_reason(reason);
  open_ = false;
  if (drop_queue) {
    queue_.clear();
    queued_bytes_ = 0;
  }
  if (!executor_) return;  // not accepted yet, or over
  if (drop_queue && pumping_) {
    // What is being written may be stuck: it gets a short time to end before the socket is cut.
    asio::post(executor_, [self = shared_from_this()] {
      if (!self->ended_) self->stream_.deadline().arm(self->limits_.linger);
    });
  }
  start_pump();
}

void WebSocketSession::start_pump() {
  if (pumping_) return;
  pumping_ = true;
  asio::co_spawn(
      executor_, [self = shared_from_this()] { return self->pump(); }, asio::detached);
}

WebSocketSession::Outgoing WebSocketSession::next_outgoing() {
  std::lock_guard lock(mutex_);
  Outgoing next;
  if (!queue_.empty()) {
    next.text = std::move(queue_.front());
    queue_.pop_front();
    queued_bytes_ -= next.text.size();
    next.waiting = take_waiting();
    return next;
  }
  // To rest is decided here, with the lock: a message that comes now starts another pump.
  next.then = close_code_ == 0 ? Outgoing::Then::rest : Outgoing::Then::close;
  if (close_code_ == 0) pumping_ = false;
  return next;
}

/// Writes what is queued, then ends until more comes; or closes, once that was asked for.
asio::awaitable<void> WebSocketSession::pump() {
  beast::error_code ec;
  while (!ec) {
    const Outgoing next = next_outgoing();
    for (const auto& done : next.waiting) done();
    if (next.then == Outgoing::Then::rest) co_return;
    if (next.then == Outgoing::Then::close) break;
    stream_.deadline().arm(limits_.write_stall);
    co_await socket_->async_write(asio::buffer(next.text),
                                  asio::redirect_error(asio::use_awaitable, ec));
    stream_.deadline().disarm();
  }
  std::uint16_t code = 0;
  std::string reason;
  std::vector<std::function<void()>> waiting;
  {
    std::lock_guard lock(mutex_);
    open_ = false;
    code = close_code_;
    reason = close_reason_;
    waiting = take_waiting();
  }
  for (const auto& done : waiting) done();
  if (!ec && code != 0) {
    stream_.deadline().arm(limits_.linger);
    const websocket::close_reason why(static_cast<websocket::close_code>(code),
                                      beast::string_view(reason.data(), reason.size()));
    co_await socket_->async_close(why, asio::redirect_error(asio::use_awaitable, ec));
    stream_.deadline().disarm();
  }
  cut();
  ended_ = true;
  pump_ended_->cancel();
}

asio::awaitable<void> WebSocketSession::finish(std::uint16_t code, std::string reason) {
  if (pump_ended_) {
    begin_close(code, reason, false);
    while (!ended_) {
      boost::system::error_code ec;
      co_await pump_ended_->async_wait(asio::redirect_error(asio::use_awaitable, ec));
    }
  }
  {
    std::lock_guard lock(mutex_);
    executor_ = {};
    open_ = false;
  }
  pump_ended_.reset();
  socket_.reset();
}

void WebSocketSession::cut() {
  if (!socket_) return;
  beast::error_code ec;
  socket_->next_layer().close(ec);
}

}  // namespace fl::http

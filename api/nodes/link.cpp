#include "api/nodes/link.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <boost/asio/ssl.hpp>

#include "core/base/assert.hpp"

namespace fl::nodes {
namespace asio = boost::asio;
namespace ssl = boost::asio::ssl;
using boost::system::error_code;

namespace {

constexpr std::size_t kWriteBytes = 64 * 1024;  // between two looks at how it goes on

/// The host that the certificate must be of.
bool expect_host(SSL* session, const std::string& host) {
  if (is_address(host)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), host.c_str()) == 1;
  }
  SSL_set_hostflags(session, X509_CHECK_FLAG_NO_WILDCARDS);
  return SSL_set1_host(session, host.c_str()) == 1 &&
         SSL_set_tlsext_host_name(session, host.c_str()) == 1;
}

/// Of a certificate the reason is worth more than "certificate verify failed".
std::string why_not(SSL* session, const error_code& ec) {
  const auto verified = SSL_get_verify_result(session);
  if (verified != X509_V_OK) return X509_verify_cert_error_string(verified);
  return ec.message();
}

}  // namespace

Link::Link(Socket socket, ssl::context& context, const LinkLimits& limits, Events events)
    : stream_(std::move(socket), context),
      resolver_(stream_.get_executor()),
      timer_(stream_.get_executor()),
      limits_(limits),
      events_(std::move(events)),
      reader_(limits.frame_bytes),
      began_(Clock::now()) {}

std::shared_ptr<Link> Link::accept(Socket socket, ssl::context& context, const LinkLimits& limits,
                                   Events events) {
  const std::shared_ptr<Link> link(new Link(std::move(socket), context, limits, std::move(events)));
  link->shake_hands(ssl::stream_base::server);
  link->watch();
  return link;
}

std::shared_ptr<Link> Link::connect(asio::io_context& io, ssl::context& context,
                                    const Endpoint& endpoint, const LinkLimits& limits,
                                    Events events) {
  const std::shared_ptr<Link> link(new Link(Socket(io), context, limits, std::move(events)));
  link->resolve(endpoint);
  link->watch();
  return link;
}

void Link::resolve(const Endpoint& endpoint) {
  if (!expect_host(stream_.native_handle(), endpoint.host)) {
    end("no certificate can be of " + endpoint.host);
    return;
  }
  error_code ec;
  const auto address = asio::ip::make_address(endpoint.host, ec);
  if (!ec) {  // names are looked up on another thread, which an address need not wait for
    dial(Tcp::resolver::results_type::create(Tcp::endpoint(address, endpoint.port), endpoint.host,
                                             std::to_string(endpoint.port)));
    return;
  }
  resolver_.async_resolve(
      endpoint.host, std::to_string(endpoint.port),
      [self = shared_from_this()](const error_code& failed, Tcp::resolver::results_type found) {
        if (self->state_ == State::closed) return;
        if (failed) return self->end(failed.message());
        self->dial(found);
      });
}

void Link::dial(const Tcp::resolver::results_type& addresses) {
  asio::async_connect(stream_.next_layer(), addresses,
                      [self = shared_from_this()](const error_code& ec, const Tcp::endpoint&) {
                        if (self->state_ == State::closed) return;
                        if (ec) return self->end(ec.message());
                        self->shake_hands(ssl::stream_base::client);
                      });
}

void Link::shake_hands(ssl::stream_base::handshake_type role) {
  error_code ignored;
  stream_.next_layer().set_option(Tcp::no_delay(true), ignored);
  stream_.async_handshake(role, [self = shared_from_this()](const error_code& ec) {
    if (self->state_ == State::closed) return;
    if (ec) return self->end(why_not(self->stream_.native_handle(), ec));
    self->state_ = State::open;
    self->last_read_ = Clock::now();
    self->events_.opened();
    if (self->state_ == State::open) self->read();
  });
}

void Link::read() {
  const auto [data, size] = reader_.space();
  stream_.async_read_some(asio::buffer(data, size),
                          [self = shared_from_this()](const error_code& ec, std::size_t bytes) {
                            if (self->state_ == State::closed) return;
                            // In TLS 1.3 the peer's refusal of our certificate comes only here.
                            if (ec) return self->end(ec.message());
                            self->deliver(bytes);
                          });
}

void Link::deliver(std::size_t bytes) {
  last_read_ = Clock::now();
  if (!reader_.within_frame()) frame_began_ = last_read_;
  reader_.came(bytes);
  while (const auto message = reader_.next()) {
    frame_began_ = last_read_;
    events_.received(*message);
    if (state_ == State::closed) return;
  }
  if (reader_.broken()) return end("it does not keep to the frames");
  read();
}

void Link::send(std::string_view message) {
  FL_ASSERT(!message.empty() && message.size() <= limits_.frame_bytes);
  if (state_ != State::open) return;
  if (queued_.size() + message.size() > limits_.queued_bytes) {
    return end("it does not take what it is sent");
  }
  put_frame(queued_, message);
  if (writing_.empty()) {
    last_write_ = Clock::now();
    write();
  }
}

void Link::write() {
  if (written_ == writing_.size()) {
    writing_.clear();
    written_ = 0;
    writing_.swap(queued_);
    if (writing_.empty()) return;
  }
  const auto size = std::min(kWriteBytes, writing_.size() - written_);
  stream_.async_write_some(asio::buffer(writing_.data() + written_, size),
                           [self = shared_from_this()](const error_code& ec, std::size_t bytes) {
                             if (self->state_ == State::closed) return;
                             if (ec) return self->end(ec.message());
                             self->last_write_ = Clock::now();
                             self->written_ += bytes;
                             self->write();
                           });
}

void Link::watch() {
  if (state_ == State::closed) return;
  timer_.expires_after(std::max(limits_.silence / 8, LinkLimits::Millis(1)));
  timer_.async_wait([self = shared_from_this()](const error_code&) {
    if (self->state_ == State::closed) return;
    if (const auto why = self->overdue(Clock::now()); !why.empty()) return self->end(why);
    self->watch();
  });
}

std::string Link::overdue(Clock::time_point now) const {
  if (state_ == State::opening) {
    return now - began_ > limits_.opening ? "it takes too long to open" : "";
  }
  if (now - last_read_ > limits_.silence) return "it says nothing";
  if (!writing_.empty() && now - last_write_ > limits_.silence) return "it takes nothing";
  if (reader_.within_frame() && now - frame_began_ > limits_.frame_time) {
    return "it takes too long over a message";
  }
  return "";
}

void Link::end(const std::string& why) {
  if (state_ == State::closed) return;
  close_socket();
  asio::post(stream_.get_executor(), [self = shared_from_this(), why] {
    if (!self->dropped_) self->events_.closed(why);
    self->events_ = {};
  });
}

void Link::drop() {
  dropped_ = true;
  if (state_ == State::closed) return;
  close_socket();
  // One of the events may be the caller: it is not destroyed under its own feet.
  asio::post(stream_.get_executor(), [self = shared_from_this()] { self->events_ = {}; });
}

void Link::close_socket() {
  state_ = State::closed;
  error_code ignored;
  resolver_.cancel();
  timer_.cancel();
  stream_.next_layer().close(ignored);
}

}  // namespace fl::nodes

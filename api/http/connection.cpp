#include "api/http/connection.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "api/http/asio.hpp"
#include "api/http/body_reader.hpp"
#include "api/http/cors.hpp"
#include "api/http/exchange.hpp"
#include "api/http/response_writer.hpp"

namespace fl::http {
namespace asio = boost::asio;
namespace {

Error malformed(std::string code, std::string message) {
  return {ErrorClass::malformed, std::move(code), "", std::move(message)};
}
/// Nobody is there to read an answer.
Error gone() {
  return {ErrorClass::unavailable, "", "", ""};
}

class Stopwatch {
 public:
  std::int64_t microseconds() const {
    const auto passed = Deadline::Clock::now() - from_;
    return std::chrono::duration_cast<std::chrono::microseconds>(passed).count();
  }

 private:
  Deadline::Clock::time_point from_ = Deadline::Clock::now();
};

}  // namespace

Connection::Connection(std::shared_ptr<Core> core, Stream::Socket socket)
    : core_(std::move(core)),
      stream_(std::move(socket), core_->options.limits),
      executor_(stream_.socket().get_executor()) {
  boost::system::error_code ec;
  const auto remote = stream_.socket().remote_endpoint(ec);
  if (!ec) peer_ = remote.address().to_string();
  stream_.socket().set_option(asio::ip::tcp::no_delay(true), ec);
}

asio::awaitable<void> Connection::run() {
  try {
    for (std::uint32_t served = 1;; ++served) {
      if (served >= stream_.limits().requests_per_connection) finishing_ = true;
      const Next next = co_await serve_one();
      if (next == Next::linger) co_await stream_.linger();
      if (next != Next::another) break;
    }
  } catch (const std::exception& error) {
    spdlog::error(fmt::format("a connection ended badly: {}", error.what()));
  } catch (...) {
    spdlog::error("a connection ended badly: an unknown exception");
  }
}

/// The bytes of a request's head, up to the empty line, still buffered. Error with an empty code:
/// close without an answer.
asio::awaitable<Result<std::string>> Connection::read_head() {
  const Limits& limits = stream_.limits();
  std::size_t looked = 0;
  bool began = false;
  auto until = Deadline::Clock::now();
  for (;;) {
    while (!began && stream_.buffered().starts_with("\r\n")) stream_.consume(2);
    const auto input = stream_.buffered();
    if (!began && !input.empty() && input != "\r") {
      began = true;
      until = Deadline::Clock::now() + limits.header_read;
    }
    if (began) {
      const auto end = input.find("\r\n\r\n", looked < 3 ? 0 : looked - 3);
      const auto block = end == std::string_view::npos ? input : input.substr(0, end + 4);
      if (auto clean = check_bytes(block, looked); !clean) co_return fail(clean.error());
      if (block.size() > limits.header_bytes) {
        const bool in_first_line = block.find("\r\n") == std::string_view::npos ||
                                   block.find("\r\n") > limits.target_bytes;
        Error error = malformed("header_too_large", "The header is too large.");
        if (in_first_line) {
          error = malformed("target_too_long", "The target of the request is too long.");
        }
        co_return fail(std::move(error));
      }
      if (end != std::string_view::npos) co_return std::string(block);
      looked = input.size();
    }
    auto within = limits.keep_alive_idle;
    if (began) {
      within = std::chrono::ceil<Limits::Millis>(until - Deadline::Clock::now());
      within = std::max(within, Limits::Millis(1));
    } else if (finishing_ || core_->stopping) {
      co_return fail(gone());
    }
    between_requests_ = !began;
    const auto read = co_await stream_.fill(within);
    between_requests_ = false;
    if (read == Stream::Read::data) continue;
    if (!began || read == Stream::Read::closed) co_return fail(gone());
    co_return fail(malformed("request_timeout", "The request came too slowly."));
  }
}

asio::awaitable<Connection::Next> Connection::refuse(Error error) {
  Stopwatch watch;
  Head shell;
  shell.request.id = core_->next_request_id();
  shell.request.peer = peer_;
  Response response = Response::problem(std::move(error));
  const Written written = co_await write_response(*core_, stream_, shell, response, false);
  core_->observe("-", "", written.status, watch.microseconds(), shell.request.id);
  co_return Next::linger;
}

asio::awaitable<Connection::Next> Connection::serve_one() {
  const auto block = co_await read_head();
  if (!block) {
    if (block.error().code.empty()) co_return Next::close;
    co_return co_await refuse(block.error());
  }
  Stopwatch watch;
  stream_.consume(block->size());
  auto parsed = parse_head(*block, stream_.limits());
  if (!parsed) co_return co_await refuse(parsed.error());
  Head head = std::move(*parsed);
  head.request.id = core_->next_request_id();
  head.request.peer = peer_;
  const auto match = head.unknown_method
                         ? core_->router.match_path(head.request.segments)
                         : core_->router.match(head.request.method, head.request.segments);
  if (match.entry && match.entry->route.websocket) {
    co_return co_await serve_websocket(head, match);
  }
  BodyReader body(stream_, head);
  Response response = co_await answer(*core_, head, body, match);
  // Bytes behind a body of unknown length could be its own: they are not the next request.
  const bool framed = !response.error() || response.error()->code != "length_required";
  const bool keep =
      body.drop_buffered() && head.keep_alive && framed && !finishing_ && !core_->stopping;
  const Written written = co_await write_response(*core_, stream_, head, response, keep);
  core_->observe(head.method_text, match.entry ? match.entry->route.path : std::string(),
                 written.status, watch.microseconds(), head.request.id);
  if (!written.whole) co_return Next::close;
  co_return keep ? Next::another : Next::linger;
}

asio::awaitable<Connection::Next> Connection::serve_websocket(Head& head,
                                                              const Router::Match& match) {
  Stopwatch watch;
  const Route& route = match.entry->route;
  std::optional<Error> refusal;
  if (!head.upgrade) {
    refusal = malformed("upgrade_required", "This address speaks WebSocket.");
  } else if (head.request.has_body || !stream_.buffered().empty()) {
    refusal = malformed("body_unexpected", "Nothing may follow the handshake before its answer.");
  } else if (!origin_allowed(core_->options.cors, head.request)) {
    refusal = Error{ErrorClass::refused, "origin_refused", "", "This site may not connect."};
  }
  auto session = std::make_shared<WebSocketSession>(stream_, head.message, head.request.id);
  Status outcome;
  if (!refusal) {
    outcome = co_await run_websocket(head, match, session);
    if (!session->accepted()) {
      refusal = outcome ? internal_error() : outcome.error();
    }
  }
  if (!refusal) {
    // Named, not temporaries: GCC 12 destroys a conditional's temporary in a co_await twice.
    std::uint16_t code = close_code::kNormal;
    std::string reason;
    if (!outcome) {
      reason = outcome.error().code;
      code = reason == internal_error().code ? close_code::kInternal : close_code::kPolicy;
    }
    co_await session->finish(code, std::move(reason));
    websocket_.reset();
    core_->observe(head.method_text, route.path, 101, watch.microseconds(), head.request.id);
    co_return Next::close;
  }
  Response response = Response::problem(*refusal);
  if (!head.upgrade) response.set("Upgrade", "websocket").set("Connection", "Upgrade");
  const Written written = co_await write_response(*core_, stream_, head, response, false);
  core_->observe(head.method_text, route.path, written.status, watch.microseconds(),
                 head.request.id);
  co_return Next::linger;
}

asio::awaitable<Status> Connection::run_websocket(Head& head, const Router::Match& match,
                                                  std::shared_ptr<WebSocketSession> session) {
  try {
    auto identity = co_await authenticate(*core_, head.request, match.entry->route.access);
    if (!identity) co_return fail(identity.error());
    websocket_ = session;
    RequestContext context(head.request, std::move(*identity), match.params, core_->pool);
    co_return co_await match.entry->websocket(context, session);
  } catch (const std::exception& error) {
    spdlog::error(
        fmt::format("{}: {} ({})", match.entry->route.path, error.what(), head.request.id));
  }
  co_return fail(internal_error());
}

void Connection::interrupt() {
  if (websocket_ && websocket_->accepted()) {
    websocket_->cut();
  } else {
    stream_.cancel();
  }
}

void Connection::look_at_deadline(Deadline::Clock::time_point now) {
  if (!stream_.deadline().overdue(now)) return;
  asio::post(executor_, [self = shared_from_this()] {
    if (self->stream_.deadline().overdue(Deadline::Clock::now())) self->interrupt();
  });
}

void Connection::finish_soon() {
  asio::post(executor_, [self = shared_from_this()] {
    self->finishing_ = true;
    if (self->websocket_) self->websocket_->close(close_code::kGoingAway, "the server stops");
    if (self->between_requests_) self->stream_.cancel();
  });
}

void Connection::abort() {
  asio::post(executor_, [self = shared_from_this()] {
    self->finishing_ = true;
    self->interrupt();
  });
}

}  // namespace fl::http

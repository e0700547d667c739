#include "api/http/server.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <algorithm>
#include <csignal>
#include <thread>

#include "api/http/asio.hpp"
#include "api/http/connection.hpp"
#include "api/http/core.hpp"
#include "api/http/registry.hpp"
#include "core/base/assert.hpp"

namespace fl::http {
namespace asio = boost::asio;
using asio::ip::tcp;

namespace {

constexpr std::chrono::seconds kAbortGrace{2};
constexpr Limits::Millis kAcceptPause{50};  // out of descriptors: let some connections end

/// How often deadlines are looked at: an eighth of the shortest, within reason.
Limits::Millis reaper_tick(const Limits& limits) {
  const auto shortest = std::min({limits.keep_alive_idle, limits.header_read, limits.body_stall,
                                  limits.body_grace, limits.write_stall, limits.linger});
  return std::clamp(shortest / 8, Limits::Millis(5), Limits::Millis(250));
}

Failure listen_failed(const std::string& address, std::uint16_t port,
                      const boost::system::error_code& ec) {
  return fail(ErrorClass::unavailable, "listen_failed", "",
              "Cannot listen on " + address + ":" + std::to_string(port) + ": " + ec.message());
}

}  // namespace

struct Server::Impl {
  Impl(Router router, ServerOptions options)
      : core(std::make_shared<Core>(std::move(router), std::move(options))),
        io(static_cast<int>(core->options.threads)),
        work(asio::make_work_guard(io)),
        acceptor_strand(asio::make_strand(io)),
        acceptor(acceptor_strand),
        reaper(acceptor_strand) {}

  Status listen();
  void run_threads();
  asio::awaitable<void> accept_loop();
  asio::awaitable<void> reap_loop();
  asio::awaitable<void> serve(std::shared_ptr<Connection> connection);
  void welcome(tcp::socket socket);
  void turn_away(tcp::socket& socket) const;
  void stop();

  std::shared_ptr<Core> core;
  Registry registry;
  asio::io_context io;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  asio::strand<asio::io_context::executor_type> acceptor_strand;
  tcp::acceptor acceptor;
  asio::steady_timer reaper;
  std::vector<std::thread> threads;
  std::uint16_t port = 0;
  bool stopped = false;
};

Status Server::Impl::listen() {
  const auto& options = core->options;
  boost::system::error_code ec;
  const auto address = asio::ip::make_address(options.address, ec);
  if (ec) return listen_failed(options.address, options.port, ec);
  const tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(asio::socket_base::max_listen_connections, ec);
  if (ec) return listen_failed(options.address, options.port, ec);
  port = acceptor.local_endpoint(ec).port();
  return {};
}

void Server::Impl::run_threads() {
  asio::co_spawn(
      acceptor_strand, [this] { return accept_loop(); }, asio::detached);
  asio::co_spawn(
      acceptor_strand, [this] { return reap_loop(); }, asio::detached);
  for (unsigned i = 0; i < core->options.threads; ++i) {
    threads.emplace_back([this] {
      sigset_t all;  // signals are for the main thread
      sigfillset(&all);
      ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
      io.run();
    });
  }
}

asio::awaitable<void> Server::Impl::accept_loop() {
  while (!core->stopping) {
    boost::system::error_code ec;
    tcp::socket socket(asio::make_strand(io));
    co_await acceptor.async_accept(socket, asio::redirect_error(asio::use_awaitable, ec));
    if (core->stopping) break;
    if (!ec) {
      welcome(std::move(socket));
      continue;
    }
    spdlog::warn(fmt::format("cannot accept a connection: {}", ec.message()));
    asio::steady_timer pause(acceptor_strand, kAcceptPause);
    co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, ec));
  }
}

void Server::Impl::welcome(tcp::socket socket) {
  if (registry.size() >= core->options.limits.connections) {
    turn_away(socket);
    return;
  }
  const auto executor = socket.get_executor();
  auto connection = std::make_shared<Connection>(core, std::move(socket));
  registry.add(connection);
  asio::co_spawn(
      executor, [this, connection = std::move(connection)] { return serve(connection); },
      asio::detached);
}

asio::awaitable<void> Server::Impl::serve(std::shared_ptr<Connection> connection) {
  co_await connection->run();
  registry.remove(connection);
}

/// One attempt to say why, without waiting for anything.
void Server::Impl::turn_away(tcp::socket& socket) const {
  const Error error{ErrorClass::retry, "too_many_connections", "",
                    "The server has too many connections; try again shortly."};
  const auto body = problem_json(error, 503, core->next_request_id());
  const auto text =
      "HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/problem+json\r\n"
      "Retry-After: 1\r\nConnection: close\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  boost::system::error_code ec;
  socket.non_blocking(true, ec);
  socket.write_some(asio::buffer(text), ec);
  socket.shutdown(tcp::socket::shutdown_send, ec);
}

asio::awaitable<void> Server::Impl::reap_loop() {
  const auto tick = reaper_tick(core->options.limits);
  for (;;) {
    boost::system::error_code ec;
    reaper.expires_after(tick);
    co_await reaper.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    const auto now = Deadline::Clock::now();
    registry.each([now](Connection& connection) { connection.look_at_deadline(now); });
  }
}

void Server::Impl::stop() {
  if (stopped) return;
  stopped = true;
  core->stopping = true;
  asio::post(acceptor_strand, [this] {
    boost::system::error_code ec;
    acceptor.close(ec);
  });
  registry.each([](Connection& connection) { connection.finish_soon(); });
  if (!registry.wait_until_empty(core->options.limits.stop_grace)) {
    registry.each([](Connection& connection) { connection.abort(); });
    if (!registry.wait_until_empty(kAbortGrace)) {
      spdlog::warn(fmt::format("{} connections did not end", registry.size()));
    }
  }
  core->pool.stop();
  core->files.stop();
  io.stop();
  for (auto& thread : threads) thread.join();
  registry.clear();
}

Result<std::unique_ptr<Server>> Server::start(Router router, ServerOptions options) {
  const auto rows = router.rows();
  FL_ASSERT(options.threads > 0 && options.blocking_threads > 0 && options.file_threads > 0);
  FL_ASSERT(options.authenticator || std::all_of(rows.begin(), rows.end(), [](const Route& row) {
              return row.access == Access::anyone;
            }));
  auto impl = std::make_unique<Impl>(std::move(router), std::move(options));
  if (auto listening = impl->listen(); !listening) return fail(listening.error());
  impl->run_threads();
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::~Server() {
  stop();
}
std::uint16_t Server::port() const {
  return impl_->port;
}
void Server::stop() {
  impl_->stop();
}
const Router& Server::router() const {
  return impl_->core->router;
}
BlockingPool& Server::pool() {
  return impl_->core->pool;
}
asio::any_io_executor Server::executor() {
  return impl_->io.get_executor();
}
std::size_t Server::connections() const {
  return impl_->registry.size();
}

}  // namespace fl::http

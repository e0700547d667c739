#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/limits.hpp"
#include "api/http/problem.hpp"
#include "api/http/router.hpp"

namespace fl::http {

/// One answered request, for metrics. `route` is a template of a path, or "" when none matched.
struct Observation {
  std::string_view method;
  std::string_view route;
  int status;
  std::int64_t microseconds;
};

/// Which sites a browser may call us from. The origin that equals the Host is always allowed.
struct Cors {
  std::vector<std::string> allowed_origins;  ///< "https://app.example", exactly; "*" for any
  std::vector<std::string> allowed_headers{"Authorization", "Content-Type", "Idempotency-Key"};
  std::vector<std::string> exposed_headers{"X-Request-Id", "Location", "Retry-After"};
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 0;  ///< 0: any that is free, see Server::port
  unsigned threads = 2;
  unsigned blocking_threads = 2;
  std::size_t blocking_queue = 256;
  unsigned file_threads = 2;  ///< reading files that are being served
  Limits limits;
  Cors cors;
  Authenticator authenticator;  ///< needed unless every route is for anyone
  StatusByCode statuses;
  std::function<void(const Observation&)> metrics;  ///< called from any I/O thread; must not block
};

/// HTTP/1.1 and WebSocket on one port. Connections run as coroutines, each on a strand of its own;
/// a handler must not block: see BlockingPool.
class Server {
 public:
  /// Errors: `listen_failed` (unavailable).
  static Result<std::unique_ptr<Server>> start(Router router, ServerOptions options);
  ~Server();  ///< stops
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const;
  /// Accepts no more, lets requests in flight finish within Limits::stop_grace, closes WebSockets
  /// with 1001, then ends the threads. Returns when all is quiet. Idempotent; not from a handler.
  void stop();

  const Router& router() const;
  BlockingPool& pool();
  boost::asio::any_io_executor executor();
  std::size_t connections() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fl::http

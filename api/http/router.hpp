#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "api/http/awaitable.hpp"
#include "api/http/context.hpp"
#include "api/http/request.hpp"
#include "api/http/response.hpp"
#include "api/http/websocket.hpp"
#include "core/base/error.hpp"

namespace fl::http {

using Handler = std::function<boost::asio::awaitable<Result<Response>>(RequestContext&)>;
/// Returning closes the socket: normally, or with 1008 and the error's code.
using WebSocketHandler =
    std::function<boost::asio::awaitable<Status>(RequestContext&, std::shared_ptr<WebSocket>)>;
/// Asked before the handler on every route but those for anyone; refuse with `unauthorized` or
/// `refused`.
using Authenticator =
    std::function<boost::asio::awaitable<Result<Identity>>(const Request&, Access)>;

enum class Body {
  none,      ///< a body is refused
  json,      ///< application/json, read and parsed before the handler
  streamed,  ///< read by the handler
};
std::string_view to_string(Body body);

/// One row of the API: all that is known of a route before it is called. Five things have no
/// default, on purpose.
struct Route {
  Route(Method method_, std::string path_, Access access_, Body body_, std::string summary_)
      : method(method_),
        path(std::move(path_)),
        access(access_),
        body(body_),
        summary(std::move(summary_)) {}

  Method method;
  std::string path;  ///< "/v1/posts/{post}"; a last "{rest...}" takes one segment or more
  Access access;
  Body body;
  std::string summary;         ///< one line, for the API document
  std::uint64_t max_body = 0;  ///< bytes; 0: the limit of its kind in Limits
  bool websocket = false;

  Route&& limit_body(std::uint64_t bytes) && {
    max_body = bytes;
    return std::move(*this);
  }
};

/// Rows and their handlers. Filled once, before the server starts; read by all threads thereafter.
class Router {
 public:
  Router();
  ~Router();
  Router(Router&&) noexcept;
  Router& operator=(Router&&) noexcept;

  /// Asserts that the path is well formed and that method and path are not taken.
  void add(Route route, Handler handler);
  void websocket(std::string path, Access access, std::string summary, WebSocketHandler handler);

  std::vector<Route> rows() const;  ///< in the order in which they were added

  struct Entry {
    Route route;
    Handler handler;
    WebSocketHandler websocket;
  };
  struct Match {
    const Entry* entry = nullptr;  ///< null: no such path, or not this method
    std::vector<Method> allowed;   ///< methods of the path, empty when there is no such path
    PathParams params;
  };
  /// HEAD finds GET where it has no row of its own.
  Match match(Method method, const std::vector<std::string>& segments) const;
  Match match_path(const std::vector<std::string>& segments) const;  ///< `allowed` alone

 private:
  struct Node;
  Node& node_for(const std::string& path);
  std::vector<std::unique_ptr<Entry>> entries_;
  std::unique_ptr<Node> root_;
};

}  // namespace fl::http

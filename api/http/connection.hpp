#pragma once

#include <memory>

#include "api/http/awaitable.hpp"
#include "api/http/core.hpp"
#include "api/http/header_block.hpp"
#include "api/http/response.hpp"
#include "api/http/stream.hpp"
#include "api/http/websocket_session.hpp"

namespace fl::http {

/// One client's connection: requests one after the other, or a WebSocket. Runs on its own strand;
/// `look_at_deadline`, `finish_soon` and `abort` may be called from any thread.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Core> core, Stream::Socket socket);

  boost::asio::awaitable<void> run();

  void look_at_deadline(Deadline::Clock::time_point now);  ///< ends what has taken too long
  void finish_soon();  ///< an idle connection now, a busy one after its answer, a WebSocket by 1001
  void abort();        ///< whatever it does

 private:
  enum class Next { another, linger, close };

  boost::asio::awaitable<Result<std::string>> read_head();
  boost::asio::awaitable<Next> serve_one();
  boost::asio::awaitable<Next> refuse(Error error);
  boost::asio::awaitable<Next> serve_websocket(Head& head, const Router::Match& match);
  boost::asio::awaitable<Status> run_websocket(Head& head, const Router::Match& match,
                                               std::shared_ptr<WebSocketSession> session);
  void interrupt();  ///< on the strand

  const std::shared_ptr<Core> core_;
  Stream stream_;
  const boost::asio::any_io_executor executor_;
  std::string peer_;
  std::shared_ptr<WebSocketSession> websocket_;
  bool between_requests_ = false;
  bool finishing_ = false;
};

}  // namespace fl::http

#pragma once

#include <map>
#include <memory>
#include <mutex>

#include "api/http/websocket.hpp"
#include "core/secrets/sessions.hpp"

namespace fl::api {

/// Sockets by the session that opened them: none lives longer than its session. They are closed
/// with 1008 `login_required`. Quick, from any thread.
class SessionSockets {
 public:
  /// Whoever adds looks at the session once more thereafter, or an end in between is missed.
  void add(const secrets::Session& session, const std::shared_ptr<http::WebSocket>& socket);
  void remove(const secrets::SessionId& session, const std::shared_ptr<http::WebSocket>& socket);

  void end(const secrets::SessionId& session);  ///< it was taken away
  void end_expired(Instant now);

 private:
  struct Entry {
    std::weak_ptr<http::WebSocket> socket;
    Instant expires;
  };
  static void close(const Entry& entry);

  std::mutex mutex_;
  std::multimap<secrets::SessionId, Entry> sockets_;
};

}  // namespace fl::api

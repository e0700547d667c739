#include "api/live/session_sockets.hpp"

#include <algorithm>

namespace fl::api {

void SessionSockets::add(const secrets::Session& session,
                         const std::shared_ptr<http::WebSocket>& socket) {
  std::lock_guard lock(mutex_);
  sockets_.emplace(session.id, Entry{socket, session.expires});
}

void SessionSockets::remove(const secrets::SessionId& session,
                            const std::shared_ptr<http::WebSocket>& socket) {
  std::lock_guard lock(mutex_);
  const auto [begin, end] = sockets_.equal_range(session);
  const auto found = std::find_if(
      begin, end, [&](const auto& entry) { return entry.second.socket.lock() == socket; });
  if (found != end) sockets_.erase(found);
}

void SessionSockets::close(const Entry& entry) {
  if (const auto socket = entry.socket.lock()) {
    socket->close(http::close_code::kPolicy, "login_required");
  }
}

void SessionSockets::end(const secrets::SessionId& session) {
  std::lock_guard lock(mutex_);
  const auto [begin, end] = sockets_.equal_range(session);
  for (auto at = begin; at != end; ++at) close(at->second);
}

void SessionSockets::end_expired(Instant now) {
  std::lock_guard lock(mutex_);
  for (const auto& [session, entry] : sockets_) {
    if (entry.expires <= now) close(entry);
  }
}

}  // namespace fl::api

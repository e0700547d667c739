#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "api/http/websocket.hpp"
#include "api/live/channel.hpp"
#include "api/platform.hpp"
#include "core/events/codec.hpp"
#include "core/log/log.hpp"
#include "core/secrets/sessions.hpp"
#include "projections/position_token.hpp"

namespace fl::api {

/// Sends what happens to whoever listens. One thread does everything in order: it is told which
/// records the read models have applied, reads each once, and gives it to the listeners of what it
/// is about. A listener that comes back with a cursor is first given what it missed, from the log,
/// by the same thread: so nothing is missed, nothing comes twice, and all of it in order.
class Hub {
 public:
  explicit Hub(Platform& platform) : platform_(platform) {}
  ~Hub() { stop(); }

  void start();
  void stop();

  /// Records of a partition are applied and readable. Quick.
  void applied(log::PartitionIndex partition, log::Offset to);

  /// `cursor`: what the client has seen of this channel; nothing: from now on. The hub answers on
  /// the socket: `subscribed` with a cursor, then events, each with the cursor after it.
  void subscribe(std::shared_ptr<http::WebSocket> socket, AccountId account, Channel channel,
                 std::optional<projections::PositionToken> cursor);
  void unsubscribe(const std::shared_ptr<http::WebSocket>& socket, const std::string& channel);

  /// The socket lives no longer than the session that opened it: `end` closes it with 1008
  /// `login_required`. Whoever attaches looks at the session once more thereafter, or an end in
  /// between is missed. Quick, from any thread.
  void attach(const secrets::SessionId& session, const std::shared_ptr<http::WebSocket>& socket);
  void detach(const secrets::SessionId& session, const std::shared_ptr<http::WebSocket>& socket);
  void end(const secrets::SessionId& session);

 private:
  struct Listener {
    std::weak_ptr<http::WebSocket> socket;
    AccountId account;
    Channel channel;
  };
  using Task = std::function<void()>;

  void run();
  void post(Task task);
  void deliver(log::PartitionIndex partition, log::Offset to);
  void add(const std::shared_ptr<http::WebSocket>& socket, const AccountId& account,
           const Channel& channel, const std::optional<projections::PositionToken>& cursor);
  bool catch_up(const Listener& listener, log::PartitionIndex partition, log::Offset from,
                log::Offset to);
  /// The message for one listener, or empty when the event is void or none of its business.
  std::string render(const Listener& listener, const pb::ActivityEvent& event,
                     log::PartitionIndex partition, log::Offset offset) const;

  Platform& platform_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  std::map<log::PartitionIndex, log::Offset> announced_;  ///< not delivered yet
  bool stopping_ = false;
  std::thread thread_;
  std::mutex sockets_mutex_;
  std::multimap<secrets::SessionId, std::weak_ptr<http::WebSocket>> sockets_;

  // The thread's own:
  std::map<log::PartitionIndex, log::Offset> delivered_;
  std::multimap<std::string, Listener> listeners_;  ///< by `about`
};

}  // namespace fl::api

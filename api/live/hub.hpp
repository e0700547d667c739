#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>

#include "api/http/websocket.hpp"
#include "api/live/catch_up.hpp"
#include "api/live/channel.hpp"
#include "api/live/listener.hpp"
#include "api/live/session_sockets.hpp"
#include "api/platform.hpp"
#include "core/log/log.hpp"
#include "projections/position_token.hpp"

namespace fl::api {

/// Sends what happens to whoever listens. One thread does everything in order: it is told which
/// records the read models have applied, reads each once, and gives it to the listeners of what it
/// is about. A listener that comes back with a cursor, or whose socket is full, is behind: it is
/// given the log by itself (CatchUp), on the same thread, until it stands where the others do. So
/// nothing is missed, nothing comes twice, all of it in order, and nobody waits for the slow.
class Hub {
 public:
  explicit Hub(Platform& platform);
  ~Hub() { stop(); }

  void start();
  void stop();

  /// Records of a partition are applied and readable. Quick.
  void applied(log::PartitionIndex partition, log::Offset to);

  /// `cursor`: what the client has seen of this channel; nothing: from now on. The hub answers on
  /// the socket: `subscribed` with a cursor, then events, each with the cursor after it. `done` is
  /// called once it is so: who waits for it asks for one thing at a time.
  void subscribe(std::shared_ptr<http::WebSocket> socket, AccountId account, Channel channel,
                 std::optional<projections::PositionToken> cursor, std::function<void()> done);
  void unsubscribe(const std::shared_ptr<http::WebSocket>& socket, const std::string& channel,
                   std::function<void()> done);
  /// The socket is gone, and with it all that it listened to.
  void forget(const std::shared_ptr<http::WebSocket>& socket);

  SessionSockets& sockets() { return sockets_; }

 private:
  using Task = std::function<void()>;
  using ListenerPtr = std::shared_ptr<Listener>;
  using Named = std::map<std::string, ListenerPtr>;  ///< by the channel's name

  void run();
  void post(Task task);
  void deliver(log::PartitionIndex partition, log::Offset to);
  void deliver(log::PartitionIndex partition, const log::Record& record);
  void add(const std::shared_ptr<http::WebSocket>& socket, const AccountId& account,
           const Channel& channel, const std::optional<projections::PositionToken>& cursor);
  void remove(const std::weak_ptr<http::WebSocket>& socket, const std::string& channel);
  void remove_from_subject(const ListenerPtr& listener);
  void tick();

  Platform& platform_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Task> tasks_;
  std::map<log::PartitionIndex, log::Offset> announced_;  ///< not delivered yet
  bool stopping_ = false;
  std::thread thread_;
  SessionSockets sockets_;

  // The thread's own:
  std::map<log::PartitionIndex, log::Offset> delivered_;
  std::map<std::string, std::set<ListenerPtr>, std::less<>> listeners_;  ///< by `about`
  std::map<std::weak_ptr<http::WebSocket>, Named, std::owner_less<>> by_socket_;
  CatchUp catch_up_;
  CatchUp::Clock::time_point ticked_ = CatchUp::Clock::now();
  CatchUp::Clock::time_point swept_ = ticked_;
};

}  // namespace fl::api

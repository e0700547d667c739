#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "api/http/websocket.hpp"
#include "api/live/channel.hpp"
#include "api/platform.hpp"
#include "core/events/codec.hpp"
#include "core/log/log.hpp"
#include "projections/store.hpp"

namespace fl::api {

/// One socket that listens to one channel. All of it belongs to the hub's thread.
struct Listener {
  std::weak_ptr<http::WebSocket> socket;
  AccountId account;
  Channel channel;
  log::PartitionIndex partition = 0;

  /// It is behind the others and given the log by itself, from `next` on (CatchUp).
  bool behind = false;
  log::Offset next = 0;
  bool counts_due = false;  ///< counts of records below `next` are owed
  bool paused = false;      ///< its socket has no room
  std::uint64_t pauses = 0;
};

/// What a listener is told of an event: nothing when it is void, or none of its business; `counts`
/// stand for themselves, so the last of several is as good as all.
struct Told {
  enum class Kind { nothing, counts, event } kind = Kind::nothing;
  std::string message;  ///< of an event
};
Told told(Platform& platform, const projections::View& view, const Listener& listener,
          const pb::ActivityEvent& event, log::Offset offset);

/// Closes the socket, for what it listens to cannot be read now: it comes back with its cursor.
void close_unreadable(http::WebSocket& socket, const projections::StorageError& error);

/// The counts of a post as they are now, said of the record at `offset`.
std::string counts_message(Platform& platform, const projections::View& view,
                           const Listener& listener, log::Offset offset);

}  // namespace fl::api

#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <memory>
#include <optional>

#include "api/live/listener.hpp"

namespace fl::api {

/// Gives listeners that are behind what they missed, from the log, in slices, each in its turn. One
/// whose socket has no room is paused until it has, so nothing is lost however much it missed, and
/// no more is held for it than its queue; only one that makes no room for too long is closed.
/// Counts are told once a slice. Of the hub's thread.
class CatchUp {
 public:
  using Clock = std::chrono::steady_clock;
  using Post = std::function<void(std::function<void()>)>;
  /// `post`: has something done on the hub's thread, from any other.
  CatchUp(Platform& platform, Post post) : platform_(platform), post_(std::move(post)) {}

  /// From `next` on, in its turn.
  void add(const std::shared_ptr<Listener>& listener, log::Offset next);
  /// The same, but once its socket has room.
  void add_paused(const std::shared_ptr<Listener>& listener, log::Offset next);

  bool idle() const { return ready_.empty(); }
  /// A slice of the next in turn. `end_of`: how far the hub has come in a partition; whoever has
  /// come as far is behind no more.
  void step(const std::function<log::Offset(log::PartitionIndex)>& end_of);
  void close_slow(Clock::time_point now);

 private:
  enum class Slice { more, caught_up, no_room, over };
  Slice give(Listener& listener, http::WebSocket& socket, log::Offset end);
  void pause(const std::shared_ptr<Listener>& listener);

  struct Paused {
    Clock::time_point since;
    std::weak_ptr<Listener> listener;
    std::uint64_t pauses;
  };

  Platform& platform_;
  Post post_;
  std::deque<std::weak_ptr<Listener>> ready_;
  std::deque<Paused> paused_;  ///< the longest first
};

}  // namespace fl::api

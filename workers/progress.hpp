#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "core/base/ids.hpp"
#include "core/log/live_bus.hpp"

namespace fl::workers {

/// How far the processing of media is on any node, in percent: live and forgotten, never an event.
/// What is set goes by the bus, and is known here when it comes back. What was not heard of for a
/// while is forgotten: its end may have been lost. Thread-safe.
class Progress {
 public:
  static constexpr std::chrono::minutes kForgotten{10};

  explicit Progress(log::LiveBus& bus);

  void set(const MediaId& media, int percent);
  void clear(const MediaId& media);
  std::optional<int> get(const MediaId& media) const;

 private:
  struct Seen {
    int percent = 0;
    std::chrono::steady_clock::time_point when;
  };
  void hear(std::string_view topic, std::string_view bytes);
  void forget_old();

  log::LiveBus& bus_;
  mutable std::mutex mutex_;
  std::map<MediaId, Seen> seen_;
  std::unique_ptr<log::LiveBus::Subscription> subscription_;  ///< gone first
};

}  // namespace fl::workers

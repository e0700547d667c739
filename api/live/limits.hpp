#pragma once

#include <chrono>

namespace fl::api {

/// Bounds of the live channel.
struct LiveLimits {
  std::chrono::milliseconds login{10'000};     ///< for a socket to say whose it is, then 1008
  std::chrono::milliseconds patience{30'000};  ///< for a full queue to drain, then 1013
  std::chrono::milliseconds sweep{60'000};     ///< between looks for sessions that have expired
};

}  // namespace fl::api

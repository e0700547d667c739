#pragma once

#include <chrono>
#include <cstddef>

namespace fl::nodes {

/// Every bound of a link, in one place; the same on both of its ends.
struct LinkLimits {
  using Millis = std::chrono::milliseconds;

  std::size_t frame_bytes = 4 * 1024 * 1024;    ///< of one message; more is no peer of ours
  std::size_t queued_bytes = 64 * 1024 * 1024;  ///< that wait to be written; more is a slow peer
  Millis opening{5'000};       ///< from the first packet to the end of the TLS handshake
  Millis sign_of_life{1'000};  ///< how often who asks says that it is there
  Millis silence{3'000};       ///< nothing comes, or nothing is taken: the peer is gone
  Millis frame_time{10'000};   ///< from the first byte of a message to its last
};

}  // namespace fl::nodes

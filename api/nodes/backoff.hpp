#pragma once

#include <chrono>
#include <cstdint>
#include <random>

namespace fl::nodes {

/// How long to wait before one asks again: twice as long each time, up to a bound, and never as
/// long as another who failed at the same moment.
class Backoff {
 public:
  using Millis = std::chrono::milliseconds;

  Backoff(Millis first, Millis longest, std::uint32_t seed)
      : first_(first), longest_(longest), next_(first), random_(seed) {}

  Millis next();  ///< between half and all of what is due
  void reset() { next_ = first_; }

 private:
  const Millis first_;
  const Millis longest_;
  Millis next_;
  std::minstd_rand random_;
};

}  // namespace fl::nodes

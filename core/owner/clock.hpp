#pragma once

#include "core/base/time.hpp"

namespace fl::owner {

/// Where the time comes from. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;         ///< of the wall
  virtual Duration monotonic() const = 0;  ///< since some start; never goes back
};

class SystemClock : public Clock {
 public:
  Instant now() const override;
  Duration monotonic() const override;
};

}  // namespace fl::owner

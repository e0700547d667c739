#include "core/owner/clock.hpp"

#include <chrono>

namespace fl::owner {

using std::chrono::duration_cast;
using std::chrono::milliseconds;

Instant SystemClock::now() const {
  const auto since = std::chrono::system_clock::now().time_since_epoch();
  return {duration_cast<milliseconds>(since).count()};
}

Duration SystemClock::monotonic() const {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return {duration_cast<milliseconds>(since).count()};
}

}  // namespace fl::owner

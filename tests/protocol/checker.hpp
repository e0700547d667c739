#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "tests/protocol/step.hpp"

namespace fl::protocol {

struct Exploration {
  std::uint64_t states = 0;
  std::uint64_t steps = 0;
  int depth = 0;                 ///< of the deepest state found
  bool exhausted = false;        ///< there is no other state
  std::uint32_t seen = 0;        ///< bits of sights()
  const char* broken = nullptr;  ///< the invariant that does not hold
  std::vector<Step> trace;       ///< a shortest way to break it
};

/// Visits every state that can be reached in at most `depth` steps, the nearest first, until an
/// invariant does not hold. The same every time.
Exploration explore(const Setup& setup, int depth = std::numeric_limits<int>::max());

}  // namespace fl::protocol

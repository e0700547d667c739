#pragma once

#include <cstdint>
#include <span>

#include "tests/protocol/step.hpp"

namespace fl::protocol {

/// What must hold of every step, seen from outside the owners: by the log and the answers alone.
/// What holds of a step holds for ever, because the log and so the truth only grow.
struct Invariant {
  const char* says;
  bool (*holds)(const Setup& setup, const World& after, const Happened& happened);
};
std::span<const Invariant> invariants();

/// What can happen, so that a world in which nothing goes wrong because nothing happens is noticed.
struct Sight {
  const char* says;
  bool (*seen)(const Setup& setup, const World& after, const Happened& happened);
};
std::span<const Sight> sights();

}  // namespace fl::protocol

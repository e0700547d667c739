#pragma once

#include <cstdint>
#include <vector>

#include "tests/protocol/world.hpp"

namespace fl::protocol {

enum class Act : std::uint8_t {
  ask,         ///< a client makes request `what` of owner `who`
  fence,       ///< an owner appends a fence, on what it has read so far
  decide,      ///< an owner decides what is queued, and appends it as its next batch
  read,        ///< an owner reads the next record
  report,      ///< an owner hears that its pending record `what` has been appended: variants only
  give_up,     ///< an owner waits no longer, or its producer has failed for good
  crash,       ///< an owner starts again from its snapshot, with a new producer
  save,        ///< an owner saves a snapshot
  deliver,     ///< the next record of an owner's producer reaches the log
  copy,        ///< the same, and a copy of it stays behind in the network
  drop,        ///< the next record of an owner's producer is lost, those behind it are not
  stray,       ///< record `what` of a producer that is no more reaches the log after all
  stray_copy,  ///< the same, and a copy of it stays behind
};

struct Step {
  Act act{};
  std::uint8_t who = 0;
  std::uint8_t what = 0;
};

struct Answer {
  int request = 0;
  Asked asked;  ///< as it was when answered, with the outcome
};

/// What the world outside could see of one step.
struct Happened {
  std::vector<Answer> answers;
  bool landed = false;
  bool landed_valid = false;
  Record record;  ///< that landed
  Chain before;   ///< the truth under it
};

/// Every step that is possible in `world`, in a fixed order.
void list_steps(const Setup& setup, const World& world, std::vector<Step>& steps);

/// Takes one of them.
void take(const Setup& setup, World& world, const Step& step, Happened& happened);

}  // namespace fl::protocol

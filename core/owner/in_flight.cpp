#include "core/owner/in_flight.hpp"

#include <algorithm>

namespace fl::owner {

void InFlight::release() {
  for (auto& [reply, outcome] : answers) reply(std::move(outcome));
  answers.clear();
}

void InFlight::release_unknown() {
  for (auto& [reply, outcome] : answers) reply(unknown_outcome());
  answers.clear();
}

void Unresolved::saw(std::string_view stored, log::Offset offset, bool valid) {
  const auto found =
      std::ranges::find_if(flights_, [&](const InFlight& one) { return one.stored == stored; });
  if (found == flights_.end()) return;
  if (!valid) {
    found->release_unknown();
  } else {
    for (auto& [reply, outcome] : found->answers) {
      // A repetition names the place of another batch, which may not be where it was expected.
      if (outcome && outcome->place.offset != found->offset) outcome = unknown_outcome();
      if (outcome) outcome->place.offset = offset;
    }
    found->release();
  }
  flights_.erase(found);
}

void Unresolved::give_up() {
  for (auto& flight : flights_) flight.release_unknown();
  flights_.clear();
}

void Unresolved::give_up_before(Duration time) {
  for (auto& flight : flights_) {
    if (flight.sent < time) flight.release_unknown();
  }
  std::erase_if(flights_, [&](const InFlight& flight) { return flight.sent < time; });
}

}  // namespace fl::owner

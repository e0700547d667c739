#include "tests/protocol/checker.hpp"

#include <algorithm>
#include <utility>

#include "core/base/assert.hpp"
#include "tests/protocol/fingerprint_set.hpp"
#include "tests/protocol/invariant.hpp"

namespace fl::protocol {
namespace {

/// How a state was first reached, so that traces need no states.
struct Origin {
  std::uint32_t from = 0;
  Step step;
};

std::vector<Step> way_to(const std::vector<Origin>& origins, std::size_t state) {
  std::vector<Step> way;
  for (; state != 0; state = origins[state].from) way.push_back(origins[state].step);
  std::reverse(way.begin(), way.end());
  return way;
}

const char* broken_invariant(const Setup& setup, const World& after, const Happened& happened) {
  for (const auto& invariant : invariants()) {
    if (!invariant.holds(setup, after, happened)) return invariant.says;
  }
  return nullptr;
}

void look(const Setup& setup, const World& after, const Happened& happened, std::uint32_t& seen) {
  if (!happened.landed && happened.answers.empty()) return;
  const auto all = sights();
  for (std::size_t i = 0; i < all.size(); ++i) {
    if ((seen >> i & 1) == 0 && all[i].seen(setup, after, happened)) seen |= 1U << i;
  }
}

}  // namespace

Exploration explore(const Setup& setup, int depth) {
  FL_ASSERT(setup.owners <= kMaxOwners && setup.requests.size() <= kMaxRequests);
  FL_ASSERT(setup.window < kMaxPending);
  const auto records = setup.fences + setup.copies + static_cast<int>(setup.requests.size());
  FL_ASSERT(records <= kMaxLog && records - 2 <= kMaxStray);

  Exploration found;
  FingerprintSet visited;
  std::vector<Origin> origins(1);
  std::vector<World> level(1);  // the states of the present depth, and the number of the first
  std::size_t first = 0;
  visited.insert(fingerprint(level.front(), setup.owners));

  std::vector<Step> steps;
  Happened happened;
  std::vector<World> next_level;
  while (!level.empty() && found.depth < depth) {
    next_level.clear();
    const auto next_first = origins.size();
    for (std::size_t i = 0; i < level.size(); ++i) {
      list_steps(setup, level[i], steps);
      for (const auto& step : steps) {
        World world = level[i];
        take(setup, world, step, happened);
        ++found.steps;
        look(setup, world, happened, found.seen);
        const auto from = static_cast<std::uint32_t>(first + i);
        if (const char* broken = broken_invariant(setup, world, happened)) {
          found.broken = broken;
          found.trace = way_to(origins, from);
          found.trace.push_back(step);
          found.states = visited.size();
          ++found.depth;
          return found;
        }
        if (!visited.insert(fingerprint(world, setup.owners))) continue;
        origins.push_back({from, step});
        next_level.push_back(world);
      }
    }
    level.swap(next_level);
    first = next_first;
    if (!level.empty()) ++found.depth;
  }
  found.states = visited.size();
  found.exhausted = level.empty();
  return found;
}

}  // namespace fl::protocol

#include "tests/protocol/checker.hpp"

#include <doctest/doctest.h>

#include "tests/protocol/setups.hpp"
#include "tests/protocol/trace.hpp"

using namespace fl::protocol;

namespace {

Setup early_refusals() {
  auto setup = two_spends();
  setup.variant = {.name = "refusing at once", .refuses_at_once = true};
  return setup;
}

/// A world in which `who` has taken over, decided a request, lost its producer and fenced again,
/// while `other` has fenced too.
World played(const Setup& setup, std::uint8_t who, std::uint8_t other) {
  World world;
  Happened happened;
  const Step steps[] = {{Act::ask, who, 0},   {Act::fence, who},   {Act::deliver, who},
                        {Act::read, who},     {Act::decide, who},  {Act::read, other},
                        {Act::give_up, who},  {Act::fence, other}, {Act::fence, who},
                        {Act::ask, other, 1}, {Act::stray, 0, 0}};
  for (const auto& step : steps) take(setup, world, step, happened);
  return world;
}

}  // namespace

TEST_CASE("worlds that differ only in the names of the owners are one state") {
  auto setup = two_spends();
  setup.owners = 3;
  setup.fences = 3;
  const auto ab = fingerprint(played(setup, 0, 1), 3);
  CHECK(ab == fingerprint(played(setup, 1, 0), 3));
  CHECK(ab == fingerprint(played(setup, 2, 1), 3));
  CHECK(ab != fingerprint(World{}, 3));
}

TEST_CASE("the way to a violation is a shortest one, and leads there again") {
  const auto setup = early_refusals();
  const auto found = explore(setup);
  REQUIRE(found.broken != nullptr);
  const auto length = static_cast<int>(found.trace.size());
  CHECK(explore(setup, length - 1).broken == nullptr);
  CHECK(explore(setup, length).broken == found.broken);
  World world;
  Happened happened;
  for (const auto& step : found.trace) take(setup, world, step, happened);
  REQUIRE(happened.answers.size() == 1);
  CHECK(happened.answers.front().asked.outcome == Outcome::refused);
  CHECK(happened.answers.front().asked.witnessed == 0);
}

TEST_CASE("two explorations are the same") {
  const auto once = explore(two_spends());
  const auto again = explore(two_spends());
  CHECK(once.states == again.states);
  CHECK(once.steps == again.steps);
  CHECK(told(early_refusals(), explore(early_refusals())) ==
        told(early_refusals(), explore(early_refusals())));
}

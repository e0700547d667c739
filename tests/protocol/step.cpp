#include "tests/protocol/step.hpp"

#include "tests/protocol/rule.hpp"
#include "tests/protocol/scene.hpp"

namespace fl::protocol {
namespace {

using Steps = std::vector<Step>;

void add(Steps& steps, Act act, int who, int what = 0) {
  steps.push_back({act, static_cast<std::uint8_t>(who), static_cast<std::uint8_t>(what)});
}

bool may_ask(const Setup& setup, const World& world, std::size_t request) {
  if (world.asked[request].phase != Phase::unasked) return false;
  const int after = setup.requests[request].after;
  return after < 0 || world.asked[static_cast<std::size_t>(after)].phase != Phase::unasked;
}

bool has_queue(const World& world, int who) {
  for (const auto& asked : world.asked) {
    if (asked.phase == Phase::queued && asked.owner == who) return true;
  }
  return false;
}

bool may_decide(const Setup& setup, const World& world, int who) {
  const auto& owner = world.owners[static_cast<std::size_t>(who)];
  int batches = owner.pending;
  if (owner.mode == Mode::taking_over) {
    if (!setup.variant.serves_before_its_fence) return false;
    --batches;
  } else if (owner.mode != Mode::serving) {
    return false;
  }
  return batches < setup.window && has_queue(world, who);
}

void list_client_steps(const Setup& setup, const World& world, Steps& steps) {
  for (std::size_t i = 0; i < setup.requests.size(); ++i) {
    if (!may_ask(setup, world, i)) continue;
    for (int who = 0; who < setup.owners; ++who) add(steps, Act::ask, who, static_cast<int>(i));
  }
}

void list_owner_steps(const Setup& setup, const World& world, int who, Steps& steps) {
  const auto& owner = world.owners[static_cast<std::size_t>(who)];
  if (owner.mode == Mode::following && world.fences < setup.fences) add(steps, Act::fence, who);
  if (may_decide(setup, world, who)) add(steps, Act::decide, who);
  if (owner.confirmed.offset < world.length) add(steps, Act::read, who);
  for (int i = 0; i < owner.pending; ++i) {
    if (report_matters(setup, world, who, i)) add(steps, Act::report, who, i);
  }
  if (owner.pending > 0) add(steps, Act::give_up, who);
  if (owner.mode != Mode::following) add(steps, Act::crash, who);
  if (world.snapshots < setup.snapshots && !(to_save(setup, owner) == owner.snapshot)) {
    add(steps, Act::save, who);
  }
}

void list_network_steps(const Setup& setup, const World& world, Steps& steps) {
  const bool may_copy = world.copies < setup.copies;
  for (int who = 0; who < setup.owners; ++who) {
    const auto flying = world.owners[static_cast<std::size_t>(who)].flying;
    if (flying > 0) add(steps, Act::deliver, who);
    if (flying > 0 && may_copy) add(steps, Act::copy, who);
    // The last one is as good as lost while it does not arrive.
    if (flying > 1) add(steps, Act::drop, who);
  }
  for (int i = 0; i < world.strays; ++i) {
    add(steps, Act::stray, 0, i);
    if (may_copy) add(steps, Act::stray_copy, 0, i);
  }
}

}  // namespace

void list_steps(const Setup& setup, const World& world, Steps& steps) {
  steps.clear();
  list_client_steps(setup, world, steps);
  for (int who = 0; who < setup.owners; ++who) list_owner_steps(setup, world, who, steps);
  list_network_steps(setup, world, steps);
}

void take(const Setup& setup, World& world, const Step& step, Happened& happened) {
  happened.answers.clear();
  happened.landed = false;
  Scene scene{setup, world, happened};
  switch (step.act) {
    case Act::ask:
      return ask(scene, step.what, step.who);
    case Act::fence:
      return append_fence(scene, step.who);
    case Act::decide:
      return decide_queue(scene, step.who);
    case Act::read:
      return read_next(scene, step.who);
    case Act::report:
      return hear_report(scene, step.who, step.what);
    case Act::give_up:
      return give_up(scene, step.who);
    case Act::crash:
      return crash(scene, step.who);
    case Act::save:
      scene.owner(step.who).snapshot = to_save(setup, scene.owner(step.who));
      ++world.snapshots;
      return;
    case Act::deliver:
      return deliver(scene, step.who, false);
    case Act::copy:
      return deliver(scene, step.who, true);
    case Act::drop:
      return drop(scene, step.who);
    case Act::stray:
      return deliver_stray(scene, step.what, false);
    case Act::stray_copy:
      return deliver_stray(scene, step.what, true);
  }
}

}  // namespace fl::protocol

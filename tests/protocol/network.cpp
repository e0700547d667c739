#include <algorithm>

#include "core/base/assert.hpp"
#include "tests/protocol/rule.hpp"
#include "tests/protocol/scene.hpp"

namespace fl::protocol {
namespace {

void add_stray(Scene& scene, const Record& record) {
  auto& world = scene.world;
  FL_ASSERT(world.strays < kMaxStray);
  auto* const end = world.stray.data() + world.strays;
  auto* const place =
      std::upper_bound(world.stray.data(), end, record,
                       [](const Record& a, const Record& b) { return a.id < b.id; });
  std::move_backward(place, end, end + 1);
  *place = record;
  ++world.strays;
}

void take_stray(World& world, int index) {
  auto* const begin = world.stray.data();
  std::move(begin + index + 1, begin + world.strays, begin + index);
  world.stray[--world.strays] = {};
}

/// Forgets strays that could only be void where they arrive. Nobody waits for a stray, so it would
/// be passed over by every reader; what a void record does between others is shown by those that
/// somebody does wait for, and by the setups with `late_voids`.
void prune(Scene& scene) {
  if (scene.setup.late_voids) return;
  auto& world = scene.world;
  for (int i = world.strays - 1; i >= 0; --i) {
    if (surely_void(scene.setup.variant, world.truth, world.stray[static_cast<std::size_t>(i)])) {
      take_stray(world, i);
    }
  }
}

void land(Scene& scene, const Record& record) {
  FL_ASSERT(scene.world.length < kMaxLog);
  auto& truth = scene.world.truth;
  scene.happened.landed = true;
  scene.happened.record = record;
  scene.happened.before = truth;
  scene.happened.landed_valid = valid(scene.setup.variant, truth, record);
  scene.world.log[scene.world.length++] = record;
  if (scene.happened.landed_valid) {
    if (record.kind == Kind::batch) witness_batch(scene, truth, record);
    advance(truth, record);
  }
  ++truth.offset;
}

}  // namespace

void deliver(Scene& scene, int who, bool copy) {
  auto& owner = scene.owner(who);
  const Record record = owner.sent[owner.pending - owner.flying];
  --owner.flying;
  land(scene, record);
  if (copy) {
    ++scene.world.copies;
    add_stray(scene, record);
  }
  prune(scene);
}

void drop(Scene& scene, int who) {
  --scene.owner(who).flying;
}

void deliver_stray(Scene& scene, int index, bool copy) {
  const Record record = scene.world.stray[static_cast<std::size_t>(index)];
  if (copy) {
    ++scene.world.copies;
  } else {
    take_stray(scene.world, index);
  }
  land(scene, record);
  prune(scene);
}

void strand(Scene& scene, int who) {
  auto& owner = scene.owner(who);
  for (; owner.flying > 0; --owner.flying) {
    add_stray(scene, owner.sent[owner.pending - owner.flying]);
  }
  prune(scene);
}

}  // namespace fl::protocol

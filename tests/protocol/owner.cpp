#include <algorithm>

#include "core/base/assert.hpp"
#include "tests/protocol/rule.hpp"
#include "tests/protocol/scene.hpp"

namespace fl::protocol {
namespace {

void answer(Scene& scene, std::size_t request, Outcome outcome, std::uint8_t detail = 0) {
  auto& asked = scene.world.asked[request];
  asked.outcome = outcome;
  asked.detail = detail;
  scene.happened.answers.push_back({static_cast<int>(request), asked});
  witness_answer(scene, scene.happened.answers.back());
  asked = {};
  asked.phase = Phase::done;
}

std::size_t requests(const Scene& scene) {
  return scene.setup.requests.size();
}

bool waits(const Scene& scene, std::size_t request, int who, Phase phase) {
  const auto& asked = scene.world.asked[request];
  return asked.phase == phase && asked.owner == who;
}

void ride(Scene& scene, std::size_t request, RecordId on, Outcome outcome, std::uint8_t detail) {
  auto& asked = scene.world.asked[request];
  asked.phase = Phase::riding;
  asked.rides_on = on;
  asked.outcome = outcome;
  asked.detail = detail;
}

/// The state that it decides on: what it has read, and on top what it has appended.
Chain speculative(const Owner& owner) {
  Chain at = owner.confirmed;
  for (std::size_t i = 0; i < owner.pending; ++i) advance(at, owner.sent[i]);
  return at;
}

Record next_record(Owner& owner, int who, Kind kind) {
  Record record;
  record.id = record_id(who, ++owner.made);
  record.kind = kind;
  return record;
}

void send(Owner& owner, const Record& record) {
  FL_ASSERT(owner.pending < kMaxPending);
  owner.sent[owner.pending++] = record;
  ++owner.flying;
}

void forget_pending(Scene& scene, int who) {
  strand(scene, who);
  auto& owner = scene.owner(who);
  owner.pending = 0;
  owner.sent = {};
}

/// Void or unknown: discards the speculative tail, tells all who wait that their outcome is not
/// known, and is an owner no more until it has fenced anew.
void step_down(Scene& scene, int who) {
  forget_pending(scene, who);
  scene.owner(who).mode = Mode::following;
  for (std::size_t i = 0; i < requests(scene); ++i) {
    if (waits(scene, i, who, Phase::queued) || waits(scene, i, who, Phase::riding)) {
      answer(scene, i, Outcome::unknown);
    }
  }
}

/// The same where the epoch is still its own, as far as it knows.
void lose_batches(Scene& scene, int who) {
  auto& owner = scene.owner(who);
  if (!scene.setup.variant.recovers_in_place || owner.mode != Mode::serving) {
    step_down(scene, who);
    return;
  }
  forget_pending(scene, who);
  for (std::size_t i = 0; i < requests(scene); ++i) {
    if (waits(scene, i, who, Phase::riding)) answer(scene, i, Outcome::unknown);
  }
}

void release(Scene& scene, RecordId on) {
  for (std::size_t i = 0; i < requests(scene); ++i) {
    const auto asked = scene.world.asked[i];
    if (asked.phase == Phase::riding && asked.rides_on == on) {
      answer(scene, i, asked.outcome, asked.detail);
    }
  }
}

/// Its fence is valid where it read it: it is the owner. What was asked before the fence was
/// appended is answered from what is confirmed, but for commands that are still to be carried out.
void begin_serving(Scene& scene, int who, RecordId fence) {
  auto& owner = scene.owner(who);
  owner.mode = Mode::serving;
  for (std::size_t i = 0; i < requests(scene); ++i) {
    auto& asked = scene.world.asked[i];
    if (asked.phase != Phase::riding || asked.rides_on != fence) continue;
    const auto& request = scene.setup.requests[i];
    if (request.asks == Asks::balance) {
      answer(scene, i, Outcome::balance, carried_out(owner.confirmed));
      continue;
    }
    switch (decide(scene.setup, owner.confirmed, request.command)) {
      case Decision::repeated:
        answer(scene, i, Outcome::carried_out,
               owner.confirmed.place[static_cast<std::size_t>(request.command)]);
        break;
      case Decision::refused:
        answer(scene, i, Outcome::refused);
        break;
      case Decision::accepted:
        asked.phase = Phase::queued;
        asked.rides_on = 0;
        break;
    }
  }
}

/// A pending record is known valid: what rests on it is answered. The state has moved over it.
void confirm(Scene& scene, int who, int pending) {
  auto& owner = scene.owner(who);
  auto* const sent = owner.sent.data();
  const Record record = sent[pending];
  std::move(sent + pending + 1, sent + owner.pending, sent + pending);
  owner.sent[--owner.pending] = {};
  if (record.kind == Kind::fence) {
    begin_serving(scene, who, record.id);
  } else {
    release(scene, record.id);
  }
}

int find_pending(const Owner& owner, RecordId id) {
  for (int i = 0; i < owner.pending; ++i) {
    if (owner.sent[static_cast<std::size_t>(i)].id == id) return i;
  }
  return -1;
}

/// The offset of a record at or behind `from`, or -1.
int find_in_log(const World& world, RecordId id, int from) {
  for (int i = from; i < world.length; ++i) {
    if (world.log[static_cast<std::size_t>(i)].id == id) return i;
  }
  return -1;
}

}  // namespace

void ask(Scene& scene, int request, int who) {
  const auto index = static_cast<std::size_t>(request);
  const auto& what = scene.setup.requests[index];
  auto& asked = scene.world.asked[index];
  asked.phase = Phase::queued;
  asked.owner = static_cast<std::uint8_t>(who);
  witness_begin(scene, request);
  const auto& owner = scene.owner(who);
  const auto& confirmed = owner.confirmed;
  if (what.asks == Asks::command && carried_out(confirmed, what.command)) {
    answer(scene, index, Outcome::carried_out,
           confirmed.place[static_cast<std::size_t>(what.command)]);
  } else if (what.asks == Asks::balance && owner.mode == Mode::serving &&
             scene.setup.variant.tells_balances_at_once) {
    answer(scene, index, Outcome::balance, carried_out(confirmed));
  }
}

void append_fence(Scene& scene, int who) {
  auto& owner = scene.owner(who);
  Record fence = next_record(owner, who, Kind::fence);
  fence.epoch = static_cast<std::uint8_t>(owner.confirmed.epoch + 1);
  send(owner, fence);
  owner.mode = Mode::taking_over;
  ++scene.world.fences;
  for (std::size_t i = 0; i < requests(scene); ++i) {
    if (waits(scene, i, who, Phase::queued)) ride(scene, i, fence.id, Outcome::undecided, 0);
  }
}

void decide_queue(Scene& scene, int who) {
  const auto& variant = scene.setup.variant;
  auto& owner = scene.owner(who);
  Chain at = speculative(owner);
  Record batch;
  batch.id = record_id(who, owner.made + 1);
  batch.kind = Kind::batch;
  batch.epoch = at.epoch;
  batch.seq = at.seq;
  batch.prev = at.head;
  bool needed = false;
  // In the order of a batch: command after command, then what asks for the balance.
  for (int command = 0; command < kMaxCommands; ++command) {
    const auto slot = static_cast<std::size_t>(command);
    for (std::size_t i = 0; i < requests(scene); ++i) {
      const auto& request = scene.setup.requests[i];
      if (request.asks != Asks::command || request.command != command) continue;
      if (!waits(scene, i, who, Phase::queued)) continue;
      const auto decision = decide(scene.setup, at, command);
      if (carried_out(owner.confirmed, command)) {
        answer(scene, i, Outcome::carried_out, owner.confirmed.place[slot]);
        continue;
      }
      if (decision == Decision::refused && variant.refuses_at_once) {
        answer(scene, i, Outcome::refused);
        continue;
      }
      if (decision == Decision::accepted) {
        batch.commands = static_cast<std::uint8_t>(batch.commands | 1U << command);
        at.place[slot] = static_cast<std::uint8_t>(batch.seq + 1);
      }
      const bool refused = decision == Decision::refused;
      ride(scene, i, batch.id, refused ? Outcome::refused : Outcome::carried_out,
           refused ? std::uint8_t{0} : at.place[slot]);
      needed = true;
    }
  }
  for (std::size_t i = 0; i < requests(scene); ++i) {
    if (!waits(scene, i, who, Phase::queued)) continue;
    ride(scene, i, batch.id, Outcome::balance, carried_out(at));
    needed = true;
  }
  if (!needed) return;
  if (variant.rests_on_what_is_under_way && batch.commands == 0 && owner.pending > 0) {
    for (auto& asked : scene.world.asked) {
      if (asked.rides_on == batch.id) asked.rides_on = owner.sent[owner.pending - 1U].id;
    }
    return;
  }
  ++owner.made;
  send(owner, batch);
}

void read_next(Scene& scene, int who) {
  const auto& variant = scene.setup.variant;
  auto& owner = scene.owner(who);
  const Record record = scene.world.log[owner.confirmed.offset];
  const bool is_valid = valid(variant, owner.confirmed, record);
  const int own = find_pending(owner, record.id);
  ++owner.confirmed.offset;
  if (!is_valid) {
    if (own >= 0) lose_batches(scene, who);
    return;
  }
  advance(owner.confirmed, record);
  if (own >= 0) {
    confirm(scene, who, own);
  } else if (owner.mode == Mode::serving) {
    if (record.kind == Kind::fence) {
      step_down(scene, who);
    } else {
      lose_batches(scene, who);
    }
  } else if (variant.takes_any_fence_of_its_name && owner.mode == Mode::taking_over &&
             record.kind == Kind::fence && maker(record.id) == who) {
    const auto fence = owner.sent[0].id;
    forget_pending(scene, who);
    begin_serving(scene, who, fence);
  }
}

bool report_matters(const Setup& setup, const World& world, int who, int pending) {
  const auto& owner = world.owners[static_cast<std::size_t>(who)];
  const auto& record = owner.sent[static_cast<std::size_t>(pending)];
  if (record.kind != Kind::batch) return false;
  const int offset = find_in_log(world, record.id, owner.confirmed.offset);
  if (offset < 0) return false;
  if (setup.variant.acknowledges_on_report) {
    return std::any_of(world.asked.begin(), world.asked.end(), [&](const Asked& asked) {
      return asked.phase == Phase::riding && asked.rides_on == record.id;
    });
  }
  return setup.variant.skips_the_gap && pending == 0 && offset > owner.confirmed.offset &&
         valid(setup.variant, owner.confirmed, record);
}

void hear_report(Scene& scene, int who, int pending) {
  auto& owner = scene.owner(who);
  const Record record = owner.sent[static_cast<std::size_t>(pending)];
  if (scene.setup.variant.acknowledges_on_report) {
    release(scene, record.id);
    return;
  }
  const int offset = find_in_log(scene.world, record.id, owner.confirmed.offset);
  owner.confirmed.offset = static_cast<std::uint8_t>(offset + 1);
  advance(owner.confirmed, record);
  confirm(scene, who, pending);
}

void give_up(Scene& scene, int who) {
  lose_batches(scene, who);
}

void crash(Scene& scene, int who) {
  step_down(scene, who);
  scene.owner(who).confirmed = scene.owner(who).snapshot;
}

Chain to_save(const Setup& setup, const Owner& owner) {
  Chain saved = owner.confirmed;
  if (setup.variant.saves_speculation) saved.place = speculative(owner).place;
  return saved;
}

}  // namespace fl::protocol

#pragma once

#include "tests/protocol/step.hpp"

namespace fl::protocol {

/// A step under way.
struct Scene {
  const Setup& setup;
  World& world;
  Happened& happened;
  Owner& owner(int who) { return world.owners[static_cast<std::size_t>(who)]; }
};

// The network and the log: network.cpp
void deliver(Scene& scene, int who, bool copy);
void drop(Scene& scene, int who);
void deliver_stray(Scene& scene, int index, bool copy);
/// The producer of `who` is gone. What it had under way may yet arrive, in any order.
void strand(Scene& scene, int who);

// What the judge keeps in mind: witness.cpp
/// A request was made: what the truth shows now, or by harm, since what clients have been told of.
void witness_begin(Scene& scene, int request);
/// A valid batch has landed on `before`.
void witness_batch(Scene& scene, Chain before, const Record& batch);
void witness_answer(Scene& scene, const Answer& answer);

// An owner: owner.cpp
void ask(Scene& scene, int request, int who);
void append_fence(Scene& scene, int who);
void decide_queue(Scene& scene, int who);
void read_next(Scene& scene, int who);
void hear_report(Scene& scene, int who, int pending);
void give_up(Scene& scene, int who);
void crash(Scene& scene, int who);
/// What it would save as its snapshot.
Chain to_save(const Setup& setup, const Owner& owner);
/// What it can do with the report of a pending record: nothing, in the design.
bool report_matters(const Setup& setup, const World& world, int who, int pending);

}  // namespace fl::protocol

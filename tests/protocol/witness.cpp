#include <algorithm>

#include "tests/protocol/rule.hpp"
#include "tests/protocol/scene.hpp"

namespace fl::protocol {
namespace {

void look(const Setup& setup, const Chain& truth, const Request& request, Asked& asked) {
  if (asked.phase != Phase::queued && asked.phase != Phase::riding) return;
  if (request.asks == Asks::balance) {
    asked.witnessed = static_cast<std::uint8_t>(asked.witnessed | 1U << carried_out(truth));
  } else if (decide(setup, truth, request.command) == Decision::refused) {
    asked.witnessed = 1;
  }
}

/// A batch is carried out one command after the other, and a refusal may stand between two of them.
/// Balances are told of whole batches.
void look_at_batch(const Setup& setup, Chain truth, const Record& batch, const Request& request,
                   Asked& asked) {
  const auto place = static_cast<std::uint8_t>(truth.seq + 1);
  for (std::size_t command = 0; command < kMaxCommands; ++command) {
    if ((batch.commands >> command & 1) == 0) continue;
    truth.place[command] = place;
    if (request.asks == Asks::command) look(setup, truth, request, asked);
  }
  look(setup, truth, request, asked);
}

}  // namespace

void witness_begin(Scene& scene, int request) {
  const auto& asks = scene.setup.requests[static_cast<std::size_t>(request)];
  auto& asked = scene.world.asked[static_cast<std::size_t>(request)];
  if (!scene.setup.judge_by_harm) {
    look(scene.setup, scene.world.truth, asks, asked);
    return;
  }
  Chain truth;
  if (scene.world.told == 0) look(scene.setup, truth, asks, asked);
  for (int i = 0; i < scene.world.length; ++i) {
    const auto& record = scene.world.log[static_cast<std::size_t>(i)];
    if (!valid(scene.setup.variant, truth, record)) continue;
    const bool is_batch = record.kind == Kind::batch;
    if (is_batch && truth.seq >= scene.world.told) {
      look_at_batch(scene.setup, truth, record, asks, asked);
    }
    advance(truth, record);
    if (is_batch && truth.seq == scene.world.told) look(scene.setup, truth, asks, asked);
  }
}

void witness_batch(Scene& scene, Chain before, const Record& batch) {
  for (std::size_t i = 0; i < scene.setup.requests.size(); ++i) {
    look_at_batch(scene.setup, before, batch, scene.setup.requests[i], scene.world.asked[i]);
  }
}

void witness_answer(Scene& scene, const Answer& answer) {
  if (!scene.setup.judge_by_harm) return;
  auto& told = scene.world.told;
  if (answer.asked.outcome == Outcome::carried_out) told = std::max(told, answer.asked.detail);
  if (answer.asked.outcome != Outcome::balance) return;
  for (std::size_t command = 0; command < kMaxCommands; ++command) {
    if ((answer.asked.detail >> command & 1) == 0) continue;
    told = std::max(told, scene.world.truth.place[command]);
  }
}

}  // namespace fl::protocol

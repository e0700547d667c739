#include "tests/simulation/simulation.hpp"

namespace fl::sim {
namespace {

/// Not at all, a little, or a lot.
std::size_t some(Chance& chance, std::size_t little, std::size_t lot) {
  switch (chance.below(4)) {
    case 0:
      return 0;
    case 1:
      return lot;
    default:
      return little;
  }
}

}  // namespace

Profile::Profile(Chance& chance) {
  nodes = static_cast<int>(chance.between(2, 4));
  actions = chance.between(600, 2'400);
  log.dropped = some(chance, 20, 120);
  log.duplicated = some(chance, 20, 150);
  log.report_lost = some(chance, 20, 300);
  log.error_early = some(chance, 10, 100);
  log.error_late = some(chance, 10, 100);
  log.no_offset = some(chance, 50, 500);
  stranger = some(chance, 20, 200);
  crash = some(chance, 60, 250);
  wipe = some(chance, 200, 1'000);
  pause = some(chance, 60, 300);
  toggle = some(chance, 300, 700) + 200;
  clock_set = some(chance, 0, 30);
  reads_fail = some(chance, 0, 200);
  grouped = chance.per_mille(700);
  tick_ms = static_cast<std::int64_t>(chance.between(10, 60));
  long_tick = some(chance, 10, 50);
  clients = chance.between(3, 25);
  burst = chance.per_mille(500) ? 1 : chance.between(2, 12);
  options.max_queue = chance.between(2, 60);
  options.max_batch_events = chance.between(1, 6);
  options.max_batch_bytes = chance.per_mille(200) ? 400 : 3 << 20;
  options.max_in_flight = chance.between(1, 5);
  options.snapshot_every_events = chance.between(2, 60);
  options.confirm_patience = Duration{static_cast<std::int64_t>(chance.between(300, 3'000))};
  options.back_off = Duration{static_cast<std::int64_t>(chance.between(1, 60))};
  options.deposed_pause = Duration{static_cast<std::int64_t>(chance.between(100, 2'000))};
}

}  // namespace fl::sim

#include "workers/progress.hpp"

#include <doctest/doctest.h>

#include "tests/activity/acts.hpp"

using namespace fl;
using namespace fl::tests;
using workers::Progress;

TEST_CASE("what one node says of its progress, every node knows, until it is over") {
  log::MemoryLiveBus bus;
  Progress worker(bus), api(bus);
  const auto clip = named<MediaId>("clip"), other = named<MediaId>("other");
  CHECK(api.get(clip) == std::nullopt);
  worker.set(clip, 0);
  CHECK(api.get(clip) == 0);
  worker.set(clip, 42);
  worker.set(other, 101);
  CHECK(api.get(clip) == 42);
  CHECK(worker.get(clip) == 42);
  CHECK(api.get(other) == 100);
  worker.clear(clip);
  CHECK(api.get(clip) == std::nullopt);
  CHECK(worker.get(clip) == std::nullopt);
  CHECK(api.get(other) == 100);
}

TEST_CASE("a message of another kind, or of another version, is no progress") {
  log::MemoryLiveBus bus;
  Progress api(bus);
  const auto clip = named<MediaId>("clip");
  api.set(clip, 7);
  bus.publish("typing", "whatever");
  bus.publish("media_progress", "");
  bus.publish("media_progress", std::string(100, 'x'));
  CHECK(api.get(clip) == 7);
}

TEST_CASE("a node that comes later does not know what was said before, and hears what comes") {
  log::MemoryLiveBus bus;
  Progress worker(bus);
  const auto clip = named<MediaId>("clip");
  worker.set(clip, 7);
  Progress late(bus);
  CHECK(late.get(clip) == std::nullopt);
  worker.set(clip, 8);
  CHECK(late.get(clip) == 8);
}

#include "projections/runner.hpp"

#include <atomic>
#include <future>
#include <mutex>

#include "tests/projections/world.hpp"
#include "tests/support/file_size_limit.hpp"

using namespace fl;
using namespace fl::tests;
using namespace fl::projections;

namespace {

std::chrono::steady_clock::time_point in(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}
constexpr std::chrono::seconds kLong{60};

}  // namespace

TEST_CASE("a read waits for the position that its write gave") {
  World world;
  const auto offset = world.ledger({deposited("fan", 100)});
  const auto token = PositionToken::just_after({log::Stream::ledger, 0, offset});
  REQUIRE(world.runner->wait_for(token, in(kLong)));
  CHECK(world.models.wallets.balance(world.store->view(), {BookKind::wallet, account("fan")},
                                     *Currency::parse("USD")) == 100);
  CHECK(token.covered_by(world.runner->applied()));
}

TEST_CASE("a position that does not come is told at the deadline") {
  World world;
  for (const char* text : {"L1", "A3-1", "A99-1"}) {
    const auto waited =
        world.runner->wait_for(*PositionToken::parse(text), in(std::chrono::milliseconds(1)));
    REQUIRE_FALSE(waited);
    CHECK(waited.error().code == "position_not_reached");
    CHECK(waited.error().kind == ErrorClass::retry);
  }
}

TEST_CASE("a waiter is called once: when its position comes, at once when it is there, or never") {
  World world;
  std::promise<Status> reached;
  std::atomic<int> cancelled_calls{0};
  const auto token = *PositionToken::parse("L1");
  world.runner->when_reached(token, [&](Status status) { reached.set_value(status); });
  const auto ticket = world.runner->when_reached(token, [&](Status) { ++cancelled_calls; });
  CHECK(world.runner->cancel(ticket));
  CHECK_FALSE(world.runner->cancel(ticket));
  world.ledger({opened("fan")});
  CHECK(reached.get_future().get());
  world.view();
  CHECK(cancelled_calls == 0);
  bool at_once = false;
  const auto late =
      world.runner->when_reached(token, [&](Status status) { at_once = status.has_value(); });
  CHECK(at_once);
  CHECK_FALSE(world.runner->cancel(late));
}

TEST_CASE("stopping tells those who wait") {
  World world;
  std::promise<Status> told;
  world.runner->when_reached(*PositionToken::parse("L9"),
                             [&](Status status) { told.set_value(status); });
  auto blocked = std::async(std::launch::async, [&] {
    return world.runner->wait_for(*PositionToken::parse("L9"), in(kLong));
  });
  world.runner->stop();
  const auto status = told.get_future().get();
  REQUIRE_FALSE(status);
  CHECK(status.error().code == "stopping");
  CHECK(blocked.get().error().code == "stopping");
  CHECK(world.runner->wait_for(*PositionToken::parse("L9"), in(kLong)).error().code == "stopping");
  CHECK(world.runner->health().status);
}

TEST_CASE("waiters are bounded") {
  TempDir dir;
  test::MemoryLog log;
  ReadModels models;
  auto store = *Store::open(dir.path(), models.names());
  RunnerOptions options;
  options.max_waiters = 2;
  auto runner = *Runner::open(*store, log, models.all(), test_ledger(), options);
  int refused = 0;
  for (int i = 0; i < 3; ++i) {
    runner->when_reached(*PositionToken::parse("L1"), [&](Status status) {
      if (!status && status.error().code == "too_many_waiters") ++refused;
    });
  }
  CHECK(refused == 1);
  CHECK(runner->wait_for(*PositionToken::parse("L1"), in(kLong)).error().code ==
        "too_many_waiters");
}

TEST_CASE("listeners are told of every record once, in order, after it can be read") {
  TempDir dir;
  test::MemoryLog log({.activity = 2});
  ReadModels models;
  auto store = *Store::open(dir.path(), models.names());
  auto runner = *Runner::open(*store, log, models.all(), test_ledger());
  std::mutex mutex;
  std::map<std::pair<log::Stream, log::PartitionIndex>, log::Offset> next;
  bool in_order = true;
  bool readable = true;
  runner->on_applied(
      [&](log::Stream stream, log::PartitionIndex partition, log::Offset from, log::Offset to) {
        const std::scoped_lock lock(mutex);
        in_order = in_order && next[{stream, partition}] == from && to > from;
        next[{stream, partition}] = to;
        if (stream != log::Stream::ledger) return;
        const auto rows = models.wallets.balance(store->view(), {BookKind::wallet, account("fan")},
                                                 *Currency::parse("USD"));
        readable = readable && rows >= static_cast<Amount>(to);
      });
  runner->start();
  for (int i = 0; i < 200; ++i) {
    const log::NewRecord money{"", test_batch({deposited("fan", 1)}, i)};
    REQUIRE(log.append(log::Stream::ledger, 0, {&money, 1}));
    const auto like = liked(std::to_string(i), "fan", "post", i % 2 == 0);
    const log::NewRecord social{"", like.SerializeAsString()};
    REQUIRE(log.append(log::Stream::activity, i % 2, {&social, 1}));
    if (i % 50 == 0) runner->notify();
  }
  REQUIRE(runner->wait_for(*PositionToken::parse("L200.A0-100.A1-100"), in(kLong)));
  runner->stop();
  runner->join();
  CHECK(in_order);
  CHECK(readable);
  CHECK(next[{log::Stream::ledger, 0}] == 200);
  CHECK(next[{log::Stream::activity, 0}] == 100);
  CHECK(next[{log::Stream::activity, 1}] == 100);
}

TEST_CASE("an error of a fold stops the runner for good, and health says why") {
  struct Row {
    const char* code;
    std::function<void(World&)> spoil;
  };
  for (const auto& row :
       {Row{"ledger_halt", [](World& world) { world.ledger({opened("eve")}, 1, 66); }},
        Row{"ledger_halt", [](World& world) { world.ledger({deleted("no such post")}); }},
        Row{"activity_unknown", [](World& world) {
              auto event = liked("1", "fan", "post");
              event.set_format(7);
              world.activity(event);
            }}}) {
    World world;
    world.ledger({opened("fan")});
    world.view();
    const auto before = world.runner->applied();
    row.spoil(world);
    const auto waited = world.runner->wait_for(world.end(), in(kLong));
    REQUIRE_FALSE(waited);
    CHECK(waited.error().code == row.code);
    const auto health = world.runner->health();
    REQUIRE_FALSE(health.status);
    CHECK(health.status.error().code == row.code);
    CHECK(health.applied == before);
    CHECK(health.behind == 1);
    CHECK(world.models.accounts.by_username(world.store->view(), "fan"));
  }
}

TEST_CASE("read models that cannot be flushed stop the runner, which tells; the next goes on") {
  World world;
  world.ledger({opened("fan")});
  world.view();
  world.runner.reset();
  {
    auto made = Runner::open(*world.store, world.log, world.models.all(), test_ledger(),
                             {.flush_every = std::chrono::seconds(0)});
    REQUIRE(made);
    std::promise<Error> told;
    (*made)->on_failure([&](const Error& error) { told.set_value(error); });
    const test::FileSizeLimit limit(100);
    (*made)->start();
    world.ledger({deposited("fan", 100)});
    const auto why = told.get_future().get();
    CHECK(why.code == "views_storage");
    CHECK(why.message.find(world.views().string()) != std::string::npos);
    CHECK((*made)->health().status.error().code == why.code);
    CHECK(world.store->health().error().code == why.code);
    CHECK_FALSE(world.store->flush(true));
    made->reset();
    world.store.reset();
  }
  world.open();
  CHECK(world.models.wallets.balance(world.view(), {BookKind::wallet, account("fan")},
                                     *Currency::parse("USD")) == 100);
}

TEST_CASE("a log that ends before what was applied is refused") {
  World world;
  world.ledger({opened("fan")});
  world.ledger({opened("eve")});
  world.view();
  world.runner.reset();
  world.log.cut(log::Stream::ledger, 0, 1);
  const auto runner = Runner::open(*world.store, world.log, world.models.all(), test_ledger());
  REQUIRE_FALSE(runner);
  CHECK(runner.error().code == "log_truncated");
}

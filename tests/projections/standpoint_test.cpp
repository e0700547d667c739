#include "projections/standpoint.hpp"

#include "projections/policy.hpp"
#include "projections/projection_position.hpp"
#include "projections/txn.hpp"
#include "tests/projections/world.hpp"

using namespace fl;
using namespace fl::tests;
using namespace fl::projections;

namespace {

constexpr Instant kNow{5000};

Standpoint standpoint_of(World& world) {
  auto taken = take_standpoint(*world.store, world.models, kNow);
  REQUIRE(taken);
  return *std::move(taken);
}

}  // namespace

TEST_CASE("a standpoint says the place of its own view, however far the read models go on [P25]") {
  World world;
  CHECK(standpoint_of(world).ledger == 0);
  world.ledger({opened("ann", pb::ROLE_CREATOR), opened("bob")});
  world.ledger({published("film", "ann", false)});
  world.view();
  const auto before = standpoint_of(world);
  CHECK(before.ledger == 2);
  CHECK(before.now == kNow);

  world.ledger({deleted("film")});
  world.view();
  const auto after = standpoint_of(world);
  CHECK(before.ledger == 2);
  CHECK(after.ledger == 3);
  for (const auto& [at, seen] : {std::pair{&before, true}, std::pair{&after, false}}) {
    const auto post = world.models.catalogue.post(at->view, named<PostId>("film"));
    REQUIRE(post);
    const auto facts = access_facts(world.models, at->view, account("bob"), *post, at->now);
    CHECK(ledger::decide_access(ledger::Artefact::listing, facts).allowed == seen);
    CHECK(progress_of(at->view, world.models.catalogue.name()).ledger == at->ledger);
  }
}

TEST_CASE("there is no standpoint while read models of rights stand at different places") {
  ReadModels names;
  for (const auto& name : {names.accounts.name(), names.catalogue.name(), names.access.name()}) {
    World world;
    world.ledger({opened("ann")});
    world.view();
    world.runner.reset();
    auto position = progress_of(world.store->view(), name);
    CHECK(position.ledger == 1);
    position.ledger = 0;
    Txn txn(*world.store, name);
    txn.put_position(encode({1, position}));
    Txn* const one = &txn;
    REQUIRE(world.store->commit({&one, 1}));
    const auto taken = take_standpoint(*world.store, world.models, kNow);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == "rebuilding");
    CHECK(taken.error().kind == ErrorClass::unavailable);
  }
}

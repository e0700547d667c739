#include "core/ledger/access.hpp"

#include <doctest/doctest.h>

#include "tests/ledger/refusal.hpp"

using namespace fl;
using namespace fl::test;
using ledger::Artefact;

namespace {

/// Ann's premium post: bob bought it, carol subscribes, fred follows, dan has nothing.
World gallery() {
  World world;
  world.creator("ann").fan("bob").fan("carol").fan("fred").fan("dan");
  world.published("clip", "ann", usd(500)).published("free", "ann");
  world.funded("bob", usd(500)).funded("carol", usd(500));
  world.priced("ann", usd(0)).given(draft::subscribe("fred", "ann", usd(0)));
  world.priced("ann", usd(500)).given(draft::subscribe("carol", "ann", usd(500)));
  world.given(draft::buy("bob", "clip", usd(500)));
  return world;
}

ledger::AccessDecision decide(const World& world, const char* viewer, const char* what,
                              Artefact artefact) {
  const auto id = viewer ? std::optional(account(viewer)) : std::nullopt;
  return decide_access(artefact, access_facts(world.state, id, post(what), world.now).value());
}

}  // namespace

TEST_CASE(
    "[P17] who may see the work is the author, a buyer, a subscriber; and the answer says why") {
  struct Row {
    const char* viewer;
    const char* post;
    bool allowed;
    std::string code;
  };
  auto world = gallery();
  const auto check = [&](std::initializer_list<Row> rows) {
    for (const auto& row : rows) {
      INFO(std::string(row.viewer ? row.viewer : "nobody") << " at " << std::string(row.post));
      const auto decision = decide(world, row.viewer, row.post, Artefact::work);
      CHECK(decision.allowed == row.allowed);
      CHECK(decision.code == row.code);
      CHECK_FALSE(decision.reason.empty());
      if (decision.event_seq) CHECK(*decision.event_seq < world.events.size());
    }
  };
  check({{"ann", "clip", true, "author"},
         {"bob", "clip", true, "purchased"},
         {"carol", "clip", true, "subscribed"},
         {"fred", "clip", false, "follow_only"},
         {"dan", "clip", false, "payment_required"},
         {nullptr, "clip", false, "login_required"},
         {nullptr, "free", true, "free"},
         {"dan", "free", true, "free"}});
  world.later(days(30));
  check({{"carol", "clip", false, "subscription_ended"}, {"bob", "clip", true, "purchased"}});
  world.given(draft::remove("clip", "ann")).given(draft::remove("free", "ann"));
  check({{"bob", "clip", true, "purchased"},
         {"ann", "clip", false, "deleted"},
         {"carol", "clip", false, "deleted"},
         {nullptr, "clip", false, "deleted"},
         {"dan", "free", false, "deleted"}});
}

TEST_CASE("that a post exists is no secret, until it is deleted") {
  auto world = gallery();
  CHECK(decide(world, nullptr, "clip", Artefact::listing).code == "listed");
  world.given(draft::remove("clip", "ann"));
  CHECK_FALSE(decide(world, nullptr, "clip", Artefact::listing).allowed);
  CHECK(decide(world, "bob", "clip", Artefact::listing).allowed);
}

TEST_CASE("there are no facts of a post that does not exist") {
  CHECK_FALSE(access_facts(gallery().state, account("bob"), post("none"), kGenesisTime));
}

TEST_CASE("[P25] who subscribes may write; the creator answers, and never begins") {
  const ledger::SubscriptionRow active{1, usd(500), kGenesisTime + days(30)};
  const ledger::SubscriptionRow follow{2, usd(0), {}};
  const ledger::SubscriptionRow ended{3, usd(500), kGenesisTime};
  struct Row {
    std::string name;
    std::optional<ledger::SubscriptionRow> from, to;
    bool written, allowed;
    std::string code;
  };
  const std::optional<ledger::SubscriptionRow> none;
  for (const auto& row :
       {Row{"a subscriber", active, none, false, true, "subscribed"},
        Row{"a follower", follow, none, false, true, "subscribed"},
        Row{"one who was", ended, none, false, false, "no_subscription"},
        Row{"a stranger", none, none, true, false, "no_subscription"},
        Row{"an answer", none, active, true, true, "subscriber_wrote"},
        Row{"no answer yet", none, active, false, false, "subscriber_writes_first"},
        Row{"an answer too late", none, ended, true, false, "no_subscription"}}) {
    CAPTURE(row.name);
    const auto decision = ledger::decide_chat(
        {account("bob"), account("ann"), row.from, row.to, row.written, kGenesisTime});
    CHECK(decision.allowed == row.allowed);
    CHECK(decision.code == row.code);
  }
  CHECK(ledger::decide_chat({account("bob"), account("bob"), active, none, true, kGenesisTime})
            .code == "own_account");
}

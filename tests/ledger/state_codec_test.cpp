#include "core/ledger/state_codec.hpp"

#include <doctest/doctest.h>

#include <map>
#include <set>

#include "tests/ledger/refusal.hpp"

using namespace fl;
using namespace fl::test;
using ledger::TableTag;

namespace {

using Rows = std::map<std::pair<TableTag, std::string>, std::string>;

ledger::RowSink into(Rows& rows) {
  return [&rows](TableTag tag, std::string_view key, std::string_view row) {
    rows[{tag, std::string(key)}] = std::string(row);
  };
}

World shop() {
  World world;
  world.creator("ann").fan("bob").published("clip", "ann", usd(999)).published("old", "ann");
  world.funded("bob", btc(5'000)).funded("bob", usd(5'000)).priced("ann", usd(1'000));
  world.given(draft::buy("bob", "clip", usd(999)));
  world.given(draft::subscribe("bob", "ann", usd(1'000))).given(draft::remove("old", "ann"));
  world.staff("finance", pb::STAFF_ROLE_FINANCE).later(seconds(3));
  return world;
}

}  // namespace

TEST_CASE("a state put back row by row is the same state") {
  const auto world = shop();
  ledger::State again;
  std::set<TableTag> tags;
  ledger::for_each_row(world.state, [&](TableTag tag, std::string_view key, std::string_view row) {
    tags.insert(tag);
    REQUIRE(ledger::restore_row(again, tag, key, row));
  });
  CHECK(tags.size() == 11);  // every table had something to show
  CHECK(ledger::state_digest(again) == ledger::state_digest(world.state));
  CHECK(again.time == world.state.time);
  CHECK(again.anchors.size() == world.state.anchors.size());
}

TEST_CASE("what changed since the last call, one after the other, makes up the whole") {
  World world;
  Rows kept;
  const auto same_as_whole = [&] {
    Rows whole;
    ledger::for_each_row(world.state, into(whole));
    ledger::drain_changes(world.state, into(kept));
    CHECK(kept == whole);
    Rows changed;
    ledger::drain_changes(world.state, into(changed));
    CHECK(changed.size() == 1);  // the meta row alone: nothing has changed since
  };
  same_as_whole();
  world.creator("ann").fan("bob").published("clip", "ann", usd(999));
  same_as_whole();
  world.funded("bob", usd(5'000)).given(draft::buy("bob", "clip", usd(999)));
  same_as_whole();
  world.given(draft::remove("clip", "ann")).later(seconds(5));
  same_as_whole();
}

TEST_CASE("the digest sees a change in any row of any table") {
  const auto world = shop();
  const auto digest = ledger::state_digest(world.state);
  Rows rows;
  ledger::for_each_row(world.state, into(rows));
  for (const auto& [key, row] : rows) {
    if (key.first == TableTag::meta || row.empty()) continue;
    ledger::State altered;
    auto spoilt = rows;
    auto& bytes = spoilt[key];
    bytes.back() = static_cast<char>(bytes.back() ^ 1);
    for (const auto& [k, r] : spoilt) ledger::restore_row(altered, k.first, k.second, r);
    INFO("table " << static_cast<int>(key.first));
    CHECK(ledger::state_digest(altered) != digest);
  }
}

TEST_CASE("a row cut short, or of no table, is not put back") {
  const auto world = shop();
  ledger::for_each_row(world.state, [&](TableTag tag, std::string_view key, std::string_view row) {
    INFO("table " << static_cast<int>(tag));
    ledger::State state;
    CHECK_FALSE(ledger::restore_row(state, tag, key, row.substr(0, row.size() - 1)));
    CHECK_FALSE(ledger::restore_row(state, tag, key, std::string(row) + "x"));
  });
  ledger::State state;
  CHECK_FALSE(ledger::restore_row(state, static_cast<TableTag>(12), "", ""));
  CHECK_FALSE(ledger::restore_row(state, static_cast<TableTag>(0), "", ""));
}

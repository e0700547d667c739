#include <doctest/doctest.h>

#include <cstdio>
#include <limits>
#include <span>

#include "tests/protocol/invariant.hpp"
#include "tests/protocol/setups.hpp"
#include "tests/protocol/trace.hpp"

using namespace fl::protocol;

namespace {

constexpr int kNoLimit = std::numeric_limits<int>::max();

struct Row {
  const char* what;
  Setup (*requests)();
  int owners = 2;
  int fences = 3;
  int copies = 0;
  int snapshots = 0;
  bool late_voids = false;
  int depth = kNoLimit;
};

constexpr Row kTwoOwners[] = {
    {.what = "two spends, copies", .requests = two_spends, .copies = 1},
    {.what = "two spends, one takeover, late voids and copies",
     .requests = two_spends,
     .fences = 2,
     .copies = 2,
     .late_voids = true},
    {.what = "two spends, three takeovers", .requests = two_spends, .fences = 4},
    {.what = "two spends and a retry", .requests = two_spends_and_a_retry},
    {.what = "two spends and a retry, one takeover, copies and snapshots",
     .requests = two_spends_and_a_retry,
     .fences = 2,
     .copies = 1,
     .snapshots = 1},
    {.what = "two spends and a balance", .requests = two_spends_and_a_balance},
    {.what = "a deposit and two spends", .requests = deposit_and_two_spends},
};

constexpr Row kThreeOwners[] = {
    {.what = "two spends", .requests = two_spends, .owners = 3},
    {.what = "two spends and a retry",
     .requests = two_spends_and_a_retry,
     .owners = 3,
     .copies = 1,
     .depth = 14},
};

constexpr Row kLong[] = {
    {.what = "two spends and a retry, copies", .requests = two_spends_and_a_retry, .copies = 1},
};

void hold(std::span<const Row> rows) {
  for (const auto& row : rows) {
    auto setup = row.requests();
    setup.owners = row.owners;
    setup.fences = row.fences;
    setup.copies = row.copies;
    setup.snapshots = row.snapshots;
    setup.late_voids = row.late_voids;
    const auto found = explore(setup, row.depth);
    std::printf("%s: %s\n", row.what, summary(setup, found).c_str());
    std::fflush(stdout);
    if (found.broken != nullptr) FAIL(told(setup, found));
    CHECK_MESSAGE(found.exhausted == (row.depth == kNoLimit), row.what);
    if (!found.exhausted) continue;
    // A world in which nothing happens breaks nothing.
    for (std::size_t i = 0; i < sights().size(); ++i) {
      CHECK_MESSAGE((found.seen >> i & 1) == 1, row.what << " never saw " << sights()[i].says);
    }
  }
}

}  // namespace

TEST_CASE("two owners: what the protocol promises holds in every state there is") {
  hold(kTwoOwners);
}

TEST_CASE("three owners: it holds in every state of two spends, and to a depth with a retry") {
  hold(kThreeOwners);
}

TEST_CASE("with FANLEDGER_LONG=1: it holds in larger worlds") {
  if (asked_for("FANLEDGER_LONG")) hold(kLong);
}

#include <doctest/doctest.h>

#include <cstdio>
#include <string>

#include "tests/protocol/setups.hpp"
#include "tests/protocol/trace.hpp"

using namespace fl::protocol;

namespace {

Setup with(Setup setup, const Variant& variant) {
  setup.variant = variant;
  return setup;
}

/// The checker finds that a variant breaks what `says` begins with, for all the world to see.
void breaks(Setup setup, const std::string& says) {
  setup.judge_by_harm = true;
  const auto found = explore(setup);
  REQUIRE_MESSAGE(found.broken != nullptr, summary(setup, found));
  std::printf("%s\n", summary(setup, found).c_str());
  if (asked_for("FANLEDGER_TRACE")) std::printf("%s\n", told(setup, found).c_str());
  CHECK_MESSAGE(std::string(found.broken).starts_with(says), told(setup, found));
}

void holds(const Setup& setup) {
  const auto found = explore(setup);
  std::printf("%s\n", summary(setup, found).c_str());
  if (found.broken != nullptr) FAIL(told(setup, found));
  CHECK(found.exhausted);
}

Setup one_spend() {
  Setup setup;
  setup.requests = {command(0)};
  return setup;
}

}  // namespace

TEST_CASE("acknowledging on the delivery report alone loses what was acknowledged") {
  breaks(with(one_spend(), {.name = "acknowledging on the report", .acknowledges_on_report = true}),
         "what was acknowledged");
}

TEST_CASE("not reading the gap before one's record loses what was acknowledged") {
  breaks(with(one_spend(), {.name = "not reading the gap", .skips_the_gap = true}),
         "what was acknowledged");
}

TEST_CASE("recovering in place, without prev_head, spends what was never deposited") {
  Setup setup;
  setup.opening_balance = 0;
  setup.amounts = {1, -1, 0};
  setup.requests = {command(0), command(1), the_balance()};
  const Variant both{.name = "recovering in place, no prev_head",
                     .without_prev_head = true,
                     .recovers_in_place = true};
  breaks(with(setup, both), "no balance is overdrawn");
}

TEST_CASE("serving before one's own fence, without a sequence, overdraws") {
  // One batch in flight: several would break without a sequence whenever one is lost.
  auto setup = two_spends();
  setup.window = 1;
  const Variant early{.name = "serving before its fence, no sequence",
                      .without_prev_head = true,
                      .without_batch_seq = true,
                      .serves_before_its_fence = true};
  breaks(with(setup, early), "no balance is overdrawn");
}

TEST_CASE("a snapshot of speculative state acknowledges what was lost") {
  auto setup = two_spends_and_a_retry();
  setup.snapshots = 1;
  breaks(with(setup, {.name = "a speculative snapshot", .saves_speculation = true}),
         "what was acknowledged");
}

TEST_CASE("refusing at once from speculative state refuses for a reason that never was") {
  breaks(with(two_spends(), {.name = "refusing at once", .refuses_at_once = true}), "a refusal");
}

TEST_CASE("taking an old fence for one's own tells an old balance") {
  auto setup = one_spend();
  setup.requests.push_back(the_balance());
  breaks(with(setup, {.name = "an old fence", .takes_any_fence_of_its_name = true}), "a balance");
}

TEST_CASE("telling a balance at once, from confirmed state, tells an old one") {
  auto setup = one_spend();
  setup.requests.push_back(the_balance());
  breaks(with(setup, {.name = "a balance at once", .tells_balances_at_once = true}), "a balance");
}

TEST_CASE("an answer that rests on a record from before the request is an old one") {
  auto setup = two_spends_and_a_balance();
  setup.opening_balance = 2;
  breaks(with(setup, {.name = "resting on what is under way", .rests_on_what_is_under_way = true}),
         "a balance");
}

TEST_CASE("each half of a defence that is kept is enough") {
  auto setup = two_spends_and_a_retry();
  setup.copies = 1;
  holds(with(setup, {.name = "no prev_head, but fencing anew", .without_prev_head = true}));
  holds(with(setup, {.name = "recovering in place, but prev_head", .recovers_in_place = true}));
  holds(with(setup, {.name = "prev_head alone, no epoch and no sequence",
                     .without_epoch = true,
                     .without_batch_seq = true}));
  holds(with(setup, {.name = "serving early, but with a sequence and prev_head",
                     .serves_before_its_fence = true}));
}

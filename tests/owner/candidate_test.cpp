#include <doctest/doctest.h>

#include "tests/owner/candidate_bench.hpp"

using namespace fl;
using namespace fl::test;

using Phase = Candidate::Phase;

TEST_CASE("a node that may try takes over an idle ledger once it has read its own fence") {
  CandidateBench bench;
  bench.start();
  bench.candidate->may_try(true);
  bench.step();
  CHECK(bench.sent.empty());  // it has read nothing yet
  bench.read();
  REQUIRE(bench.sent.size() == 1);
  CHECK(bench.candidate->phase() == Phase::fencing);
  CHECK(code_of(bench.decide(draft::open("carl", pb::ROLE_FAN))) == "owner_unavailable");
  CHECK(bench.candidate->appended(bench.sent[0].ticket, std::optional<log::Offset>(3)));
  CHECK(bench.candidate->phase() == Phase::fencing);  // a report is not enough
  bench.land_next();
  bench.read();
  CHECK(bench.candidate->phase() == Phase::serving);
  CHECK(bench.candidate->owner().id == "node");
  CHECK(bench.candidate->owner().url == "tls://node:1");
}

TEST_CASE("a node that may not try does not fence, and one that serves goes on serving") {
  CandidateBench bench;
  bench.start();
  bench.read();
  CHECK(bench.sent.empty());
  bench.serve();
  bench.candidate->may_try(false);
  const auto answer = bench.decide(draft::open("carl", pb::ROLE_FAN));
  bench.land_next();
  bench.read();
  CHECK(code_of(answer) == "carried out");
}

TEST_CASE("a node whose clock is behind the ledger does not fence") {
  CandidateBench bench;
  bench.clock.set_wall(kGenesisTime + Duration{-minutes(2).ms});
  bench.start();
  bench.candidate->may_try(true);
  bench.read();
  CHECK(bench.sent.empty());
  bench.clock.set_wall(kGenesisTime);
  bench.step();
  CHECK(bench.sent.size() == 1);
}

TEST_CASE("a fence that failed is tried again after a while, each time anew") {
  CandidateBench bench;
  bench.start();
  bench.candidate->may_try(true);
  bench.read();
  for (std::size_t tries = 1; tries < 5; ++tries) {
    REQUIRE(bench.sent.size() == tries);
    CHECK(bench.candidate->appended(bench.sent.back().ticket, log_failed()));
    bench.step();
    CHECK(bench.sent.size() == tries);  // not at once
    bench.clock.pass(seconds(10));
    bench.step();
  }
  for (std::size_t i = 1; i < bench.sent.size(); ++i) {
    CHECK(bench.sent[i].stored != bench.sent[i - 1].stored);
  }
}

TEST_CASE("a fence that comes second is void, and the next one waits for the winner's sake") {
  CandidateBench bench;
  bench.start();
  bench.candidate->may_try(true);
  bench.read();
  bench.fenced_by_another();
  bench.land_next();
  bench.read();
  CHECK(bench.candidate->phase() == Phase::following);
  CHECK(bench.candidate->owner().id == "owner");
  bench.clock.pass(seconds(9));
  bench.step();
  CHECK(bench.sent.size() == 1);
  bench.clock.pass(seconds(2));
  bench.step();
  REQUIRE(bench.sent.size() == 2);
  bench.land_next();
  bench.read();
  CHECK(bench.candidate->phase() == Phase::serving);
}

TEST_CASE("who is fenced off steps down: what the log holds was carried out, the rest is unknown") {
  CandidateBench bench;
  bench.serve();
  const auto first = bench.decide(draft::tip("bob", "ann", usd(500)));
  const auto second = bench.decide(draft::tip("bob", "ann", usd(500)));
  const auto at = bench.land_next();
  bench.fenced_by_another();
  bench.land_next();
  const auto queued = bench.submit(draft::tip("bob", "ann", usd(500)));
  bench.read();
  CHECK(bench.candidate->phase() == Phase::following);
  REQUIRE(code_of(first) == "carried out");
  CHECK((**first)->place.offset == at);
  CHECK(code_of(second) == "outcome_unknown");
  CHECK(code_of(queued) == "owner_unavailable");
  CHECK(code_of(bench.decide(draft::tip("bob", "ann", usd(500)))) == "owner_unavailable");
  bench.clock.pass(seconds(9));
  bench.step();
  CHECK(bench.sent.size() == 3);  // the fence and two batches
}

TEST_CASE("a batch that lands behind a stranger's record is told where it stands") {
  CandidateBench bench;
  bench.serve();
  const auto answer = bench.decide(draft::tip("bob", "ann", usd(500)));
  bench.put("somebody else's record");
  const auto at = bench.land_next();
  bench.read();
  REQUIRE(code_of(answer) == "carried out");
  CHECK((**answer)->place.offset == at);
  CHECK(bench.candidate->chain() == bench.chain());
}

TEST_CASE("a refusal is told once a record that came after it was read, and not before") {
  CandidateBench bench;
  bench.serve();
  const auto bought = bench.decide(draft::buy("bob", "clip", usd(500)));
  const auto refused = bench.decide(draft::buy("bob", "clip", usd(500)));
  bench.land_next();
  bench.read();
  CHECK(code_of(bought) == "carried out");
  CHECK(code_of(refused) == "no answer yet");
  bench.land_next();
  bench.read();
  CHECK(code_of(refused) == "already_purchased");
}

TEST_CASE("a refusal that rests on a batch that never came is not told") {
  CandidateBench bench;
  bench.serve();
  const auto bought = bench.decide(draft::buy("bob", "clip", usd(500)));
  const auto refused = bench.decide(draft::buy("bob", "clip", usd(500)));
  bench.lose_next();
  bench.land_next();
  bench.read();
  bench.clock.pass(seconds(11));
  bench.step();
  CHECK(code_of(bought) == "outcome_unknown");
  CHECK(code_of(refused) == "outcome_unknown");
}

TEST_CASE("[D5] what the log holds is answered at once when it is asked again") {
  CandidateBench bench;
  bench.serve();
  const auto command = draft::tip("bob", "ann", usd(500));
  const auto first = bench.decide(command);
  const auto early = bench.decide(command);  // rests on what is in flight
  CHECK(code_of(early) == "no answer yet");
  bench.land_next();
  bench.land_next();
  bench.read();
  CHECK(bench.read_again == 0);
  const auto again = bench.decide(command);
  CHECK(bench.read_again == 1);
  for (const auto& answer : {early, again}) {
    REQUIRE(code_of(answer) == "carried out");
    CHECK((**answer)->repeated);
    CHECK((**answer)->place.offset == (**first)->place.offset);
    CHECK(events::encode((**answer)->event) == events::encode((**first)->event));
  }
  CHECK(bench.under_way() == 0);
}

TEST_CASE("no more batches are in flight than are allowed, and what waits is the next one") {
  CandidateBench bench;
  bench.options.max_in_flight = 3;
  bench.serve();
  std::vector<Answer> answers;
  for (int i = 0; i < 6; ++i) {
    answers.push_back(bench.decide(draft::open("fan" + std::to_string(i), pb::ROLE_FAN)));
  }
  CHECK(bench.under_way() == 3);
  bench.land_next();
  bench.read();
  CHECK(bench.under_way() == 3);
  pb::LedgerRecord record;
  REQUIRE(events::decode(bench.sent.back().stored, record));
  CHECK(record.batch().events_size() == 3);
  while (bench.under_way() > 0) bench.land_next();
  bench.read();
  for (const auto& answer : answers) CHECK(code_of(answer) == "carried out");
}

TEST_CASE("what is not read back in time is unknown, and service begins anew with a fence") {
  CandidateBench bench;
  bench.serve();
  const auto command = draft::tip("bob", "ann", usd(500));
  const auto answer = bench.decide(command);
  bench.clock.pass(seconds(9));
  bench.step();
  CHECK(code_of(answer) == "no answer yet");
  bench.clock.pass(seconds(2));
  bench.step();
  CHECK(code_of(answer) == "outcome_unknown");
  CHECK(bench.candidate->phase() == Phase::following);
  bench.land_next();  // late
  bench.read();
  REQUIRE(bench.candidate->phase() == Phase::fencing);
  bench.land_next();
  bench.read();
  const auto again = bench.decide(command);
  REQUIRE(code_of(again) == "carried out");
  CHECK((**again)->repeated);
}

TEST_CASE("a report that names the next offset is as good as reading it, and another is not") {
  CandidateBench bench;
  bench.serve();
  const auto first = bench.decide(draft::tip("bob", "ann", usd(500)));
  const auto at = bench.land_next();
  CHECK(bench.candidate->appended(bench.sent.back().ticket, std::optional<log::Offset>()));
  CHECK(code_of(first) == "no answer yet");
  CHECK(bench.candidate->appended(bench.sent.back().ticket, std::optional(at)));
  CHECK(code_of(first) == "carried out");
  const auto second = bench.decide(draft::tip("bob", "ann", usd(500)));
  bench.fenced_by_another();
  const auto behind = bench.land_next();
  CHECK(bench.candidate->appended(bench.sent.back().ticket, std::optional(behind)));
  CHECK(code_of(second) == "no answer yet");
  bench.read();
  CHECK(code_of(second) == "outcome_unknown");
}

TEST_CASE("an append that failed leaves its outcome to what the log turns out to hold") {
  CandidateBench bench;
  bench.serve();
  const auto answer = bench.decide(draft::tip("bob", "ann", usd(500)));
  CHECK(bench.candidate->appended(bench.sent.back().ticket, log_failed()));
  CHECK(bench.candidate->phase() == Phase::following);
  CHECK(code_of(answer) == "no answer yet");
  bench.land_next();
  bench.read();
  CHECK(code_of(answer) == "carried out");
}

TEST_CASE("there is no snapshot while anything is in flight, and nothing new until it was saved") {
  CandidateBench bench;
  bench.options.snapshot_every_events = 2;
  bench.serve();
  REQUIRE(bench.candidate->snapshot_ready());  // of what it read at the start
  bench.candidate->snapshot_saved();
  CHECK_FALSE(bench.candidate->snapshot_ready());
  bench.decide(draft::open("fan1", pb::ROLE_FAN));
  bench.decide(draft::open("fan2", pb::ROLE_FAN));
  bench.decide(draft::open("fan3", pb::ROLE_FAN));
  bench.land_next();
  bench.land_next();
  bench.read();
  CHECK_FALSE(bench.candidate->snapshot_ready());
  const auto waits = bench.decide(draft::open("fan4", pb::ROLE_FAN));
  CHECK(bench.under_way() == 1);
  bench.land_next();
  bench.read();
  CHECK(bench.under_way() == 0);
  REQUIRE(bench.candidate->snapshot_ready());
  CHECK(bench.candidate->replica().chain() == bench.chain());
  CHECK(bench.candidate->last_record() == sha256(bench.log.back()));
  bench.candidate->snapshot_saved();
  bench.step();
  CHECK(bench.under_way() == 1);
}

TEST_CASE("a log that cannot be followed ends a candidate, and everybody is answered") {
  CandidateBench bench;
  bench.serve();
  const auto sent = bench.decide(draft::tip("bob", "ann", usd(500)));
  const auto queued = bench.submit(draft::tip("bob", "ann", usd(500)));
  bench.another.chain = bench.chain();
  auto wrong = bench.another.batch({}, bench.clock.now());
  wrong.mutable_batch()->set_events_root(std::string(32, 'x'));
  bench.put(events::encode(wrong));
  bench.read();
  CHECK(bench.candidate->health().error().code == "ledger_halt");
  CHECK(code_of(sent) == "outcome_unknown");
  CHECK(code_of(queued) == "owner_unavailable");
  CHECK(code_of(bench.submit(draft::tip("bob", "ann", usd(500)))) == "owner_unavailable");
}

TEST_CASE("commands that waited beyond their deadline are not carried out") {
  CandidateBench bench;
  bench.serve();
  const auto past = std::chrono::steady_clock::now() - std::chrono::seconds(1);
  const auto late = bench.submit(draft::open("late", pb::ROLE_FAN), past);
  bench.step();
  CHECK(code_of(late) == "deadline_passed");
  CHECK(bench.under_way() == 0);
}

#include <doctest/doctest.h>

#include <random>

#include "core/events/merkle.hpp"
#include "tests/cli/audited.hpp"
#include "tests/support/seed.hpp"

using namespace fl;

namespace {

std::string place(std::uint64_t offset) {
  return "ledger/0@" + std::to_string(offset);
}

ledger::Replica fold(test::RecordedLog& log) {
  ledger::Replica replica;
  for (const auto& record : log.ledger()) REQUIRE(replica.feed(record.offset, record.value));
  return replica;
}

/// What an owner that broke the rules would append: valid by the chain.
pb::LedgerRecord rogue_batch(test::RecordedLog& log, const std::vector<std::string>& events) {
  const auto replica = fold(log);
  const auto& chain = replica.chain();
  pb::LedgerRecord last;
  REQUIRE(events::decode(log.ledger().back().value, last));
  pb::LedgerRecord record;
  auto& batch = *record.mutable_batch();
  batch.set_format(1);
  batch.set_epoch(chain.epoch);
  batch.set_incarnation(last.has_fence() ? last.fence().incarnation() : last.batch().incarnation());
  batch.set_nonce((last.has_fence() ? last.fence().nonce() : last.batch().nonce()) + 1);
  batch.set_batch_seq(chain.next_batch_seq);
  batch.set_first_event_seq(chain.next_event_seq);
  batch.set_prev_head(chain.head.str());
  batch.set_time_ms(chain.time.ms);
  batch.set_rules_version(1);
  for (const auto& event : events) batch.add_events(event);
  batch.set_events_root(events::merkle_root(batch.events()).str());
  return record;
}

std::uint64_t append(test::RecordedLog& log, const std::string& value) {
  const log::NewRecord record{"", value};
  return log.append(log::Stream::ledger, 0, {&record, 1}).value();
}

/// The first event of this kind that the log holds.
pb::LedgerEvent event_of(test::RecordedLog& log, pb::LedgerEvent::BodyCase kind) {
  std::optional<pb::LedgerEvent> found;
  ledger::Replica replica;
  for (const auto& record : log.ledger()) {
    REQUIRE(replica.feed(record.offset, record.value,
                         [&](const pb::LedgerEvent& event, const ledger::EventPlace&) {
                           if (!found && event.body_case() == kind) found = event;
                         }));
  }
  REQUIRE(found);
  return *found;
}

pb::LedgerEvent again(pb::LedgerEvent event) {
  event.mutable_origin()->set_command_id("another");
  return event;
}

}  // namespace

TEST_CASE("one changed bit in any record of the ledger is found, and where [B1]") {
  std::mt19937_64 random(test::seed("one changed bit"));
  test::Story story;
  const auto clean = story.audit();
  REQUIRE(clean.findings.count() == 0);
  story.options.ledger.known_head = cli::KnownHead{clean.ledger.end, clean.ledger.chain.head};
  for (std::size_t k = 0; k < story.log.ledger().size(); ++k) {
    auto& value = story.log.ledger()[k].value;
    const auto whole = value;
    for (int i = 0; i < 60; ++i) {
      const auto at = random() % whole.size();
      value[at] = static_cast<char>(whole[at] ^ (1 << (random() % 8)));
      const auto report = story.audit();
      REQUIRE_MESSAGE(report.findings.count() > 0, "record " << k << ", byte " << at);
      const auto& finding = report.findings.kept().front();
      REQUIRE(finding.stream == "ledger");
      REQUIRE(finding.offset);
      // What the next batch is built on is known when it comes; a fence may stand between.
      CHECK_MESSAGE((*finding.offset >= k && *finding.offset <= k + 2),
                    "record " << k << ", byte " << at << ": " << finding.detail);
      value = whole;
    }
  }
}

TEST_CASE("without a head from elsewhere only a change at the very end can hide") {
  std::mt19937_64 random(test::seed("a change hides"));
  test::Story story;
  for (std::size_t k = 0; k + 1 < story.log.ledger().size(); ++k) {
    auto& value = story.log.ledger()[k].value;
    const auto whole = value;
    for (int i = 0; i < 20; ++i) {
      const auto at = random() % whole.size();
      value[at] = static_cast<char>(whole[at] ^ (1 << (random() % 8)));
      CHECK_MESSAGE(story.audit().findings.count() > 0, "record " << k << ", byte " << at);
      value = whole;
    }
  }
}

TEST_CASE("a dropped record is found where it was") {
  const auto records = test::Story().log.ledger().size();
  for (std::size_t k = 0; k + 1 < records; ++k) {
    test::Story story;
    auto& all = story.log.ledger();
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(k));
    test::check_only_finding(story.audit(), "ledger_halt", place(k + 1));
  }
}

TEST_CASE("a dropped record is found though the rest are numbered anew") {
  const auto records = test::Story().log.ledger().size();
  for (std::size_t k = 1; k + 1 < records; ++k) {
    test::Story story;
    auto& all = story.log.ledger();
    all.erase(all.begin() + static_cast<std::ptrdiff_t>(k));
    story.log.renumber(log::Stream::ledger);
    // A fence rests on no head, so behind one the next batch tells.
    pb::LedgerRecord next;
    REQUIRE(events::decode(all[k].value, next));
    test::check_only_finding(story.audit(), "void_record", place(next.has_fence() ? k + 1 : k));
  }
}

TEST_CASE("records that were swapped or added are found") {
  test::Story story;
  auto& all = story.log.ledger();
  SUBCASE("swapped") {
    std::swap(all[4].value, all[5].value);
  }
  SUBCASE("added") {
    all.insert(all.begin() + 4, all[3]);
    story.log.renumber(log::Stream::ledger);
  }
  SUBCASE("garbage added") {
    all.insert(all.begin() + 4, log::Record{0, "", "garbage"});
    story.log.renumber(log::Stream::ledger);
  }
  test::check_only_finding(story.audit(), "void_record", place(4));
}

TEST_CASE("what a rogue owner appends by the chain and against the rules is found [B1]") {
  struct Row {
    const char* what;
    std::function<std::string(test::Story&)> event;
    const char* code;
    const char* detail;
  };
  const auto tip = [](test::Story& story, Amount amount, Amount fee) {
    auto event = again(event_of(story.log, pb::LedgerEvent::kTipped));
    auto& body = *event.mutable_tipped();
    body.mutable_amount()->set_amount(amount);
    body.set_fee(fee);
    event.mutable_postings(0)->set_amount(-amount);
    event.mutable_postings(1)->set_amount(amount - fee);
    event.mutable_postings(2)->set_amount(fee);
    return events::encode(event);
  };
  const Row rows[] = {
      {"an overdraft [D3]", [&](test::Story& s) { return tip(s, 1'000'000, 200'000); },
       "event_not_allowed", "insufficient_funds"},
      {"a wrong fee [D9]", [&](test::Story& s) { return tip(s, 1000, 100); }, "event_not_allowed",
       "computed_otherwise"},
      {"postings that do not balance",
       [&](test::Story& s) {
         auto event = again(event_of(s.log, pb::LedgerEvent::kTipped));
         event.mutable_postings(1)->set_amount(event.postings(1).amount() + 1);
         return events::encode(event);
       },
       "event_not_allowed", "computed_otherwise"},
      {"a deposit that nobody signed [D8]",
       [&](test::Story& s) {
         auto event = again(event_of(s.log, pb::LedgerEvent::kDeposited));
         event.mutable_origin()->mutable_staff()->set_signature(std::string(64, 's'));
         return events::encode(event);
       },
       "event_not_allowed", "signature_wrong"},
      {"a purchase without payment [D6]",
       [&](test::Story& s) {
         auto event = again(event_of(s.log, pb::LedgerEvent::kPurchased));
         event.mutable_origin()->set_caller(s.eve.raw());
         event.mutable_purchased()->set_buyer(s.eve.raw());
         event.clear_postings();
         return events::encode(event);
       },
       "event_not_allowed", "insufficient_funds"},
      {"another's wallet [D2]",
       [&](test::Story& s) {
         auto event = again(event_of(s.log, pb::LedgerEvent::kTipped));
         event.mutable_origin()->set_caller(s.eve.raw());
         return events::encode(event);
       },
       "event_not_allowed", "not_the_caller"},
      {"a command twice [D5]",
       [&](test::Story& s) { return events::encode(event_of(s.log, pb::LedgerEvent::kTipped)); },
       "command_twice", ""},
      {"an unknown event", [&](test::Story&) { return std::string("\xf2\x07\x02hi"); },
       "event_unreadable", ""},
  };
  for (const auto& row : rows) {
    SUBCASE(row.what) {
      test::Story story;
      story.world.stop();
      const auto seq = fold(story.log).state().next_event_seq;
      const auto offset =
          append(story.log, events::encode(rogue_batch(story.log, {row.event(story)})));
      const auto report = story.audit();
      test::check_only_finding(report, row.code, place(offset) + " event " + std::to_string(seq));
      CHECK(report.findings.kept()[0].detail.find(row.detail) != std::string::npos);
    }
  }
}

TEST_CASE("a record that is valid by the chain and wrong in its frame is found") {
  struct Row {
    const char* what;
    std::function<void(pb::Batch&)> change;
    const char* code;
  };
  const Row rows[] = {
      {"a root of other events", [](pb::Batch& b) { b.set_events_root(std::string(32, 'r')); },
       "ledger_halt"},
      {"a time before the last", [](pb::Batch& b) { b.set_time_ms(b.time_ms() - 1); },
       "ledger_halt"},
      {"a time to come", [](pb::Batch& b) { b.set_time_ms(b.time_ms() + days(365).ms); },
       "time_in_future"},
      {"unknown rules", [](pb::Batch& b) { b.set_rules_version(2); }, "ledger_halt"},
      {"events counted wrongly", [](pb::Batch& b) { b.set_first_event_seq(0); }, "ledger_halt"},
      {"another incarnation", [](pb::Batch& b) { b.set_incarnation(std::string(16, 'z')); },
       "writer_differs"},
      {"a nonce left out", [](pb::Batch& b) { b.set_nonce(b.nonce() + 1); }, "writer_differs"},
  };
  for (const auto& row : rows) {
    SUBCASE(row.what) {
      test::Story story;
      story.world.stop();
      auto record = rogue_batch(story.log, {});
      row.change(*record.mutable_batch());
      const auto offset = append(story.log, events::encode(record));
      test::check_only_finding(
          story.audit(), row.code,
          row.code == std::string("time_in_future") ? "ledger" : place(offset));
    }
  }
}

TEST_CASE("a void record is explained by a lost race, where there can be one [B16]") {
  test::Story story;
  story.world.stop();
  std::string value;
  bool explained = true;
  // Of the owner before: its incarnation and epoch stand in the record after its fence.
  pb::LedgerRecord late;
  REQUIRE(events::decode(story.log.ledger()[2].value, late));
  auto record = rogue_batch(story.log, {});
  auto& batch = *record.mutable_batch();
  SUBCASE("a former owner's batch that came too late") {
    value = events::encode(late);
  }
  SUBCASE("a fence for an epoch that another has") {
    pb::LedgerRecord fence;
    REQUIRE(events::decode(story.log.ledger()[1].value, fence));
    fence.mutable_fence()->set_incarnation(std::string(16, 'q'));
    value = events::encode(fence);
  }
  SUBCASE("the owner's own batch behind one that was lost") {
    batch.set_batch_seq(batch.batch_seq() + 1);
    batch.set_nonce(batch.nonce() + 1);
    batch.set_prev_head(std::string(32, 'p'));
    value = events::encode(record);
  }
  SUBCASE("not: a batch on another head, with nothing lost") {
    batch.set_prev_head(std::string(32, 'p'));
    value = events::encode(record);
    explained = false;
  }
  SUBCASE("not: more lost than may be under way") {
    batch.set_batch_seq(batch.batch_seq() + 5);
    batch.set_nonce(batch.nonce() + 5);
    value = events::encode(record);
    explained = false;
  }
  SUBCASE("not: a former epoch's batch by somebody who never had it") {
    late.mutable_batch()->set_incarnation(std::string(16, 'q'));
    value = events::encode(late);
    explained = false;
  }
  SUBCASE("not: garbage") {
    value = "garbage";
    explained = false;
  }
  const auto offset = append(story.log, value);
  story.options.ledger.exclusive = false;
  const auto shared = story.audit();
  REQUIRE(shared.ledger.voids.size() == 1);
  CHECK(shared.ledger.voids[0].offset == offset);
  CHECK((shared.findings.count() == 0) == explained);
  story.options.ledger.exclusive = true;
  test::check_only_finding(story.audit(), "void_record", place(offset));
}

TEST_CASE("the second summation notices what the fold's balances do not hold") {
  test::Story story;
  story.world.stop();
  auto replica = fold(story.log);
  cli::PostingSums sums;
  ledger::Replica again_folded;
  for (const auto& record : story.log.ledger()) {
    REQUIRE(again_folded.feed(
        record.offset, record.value,
        [&](const pb::LedgerEvent& event, const ledger::EventPlace&) { sums.add(event); }));
  }
  cli::Findings none;
  sums.compare(replica.state(), none);
  CHECK(none.count() == 0);
  replica.state().balances.edit(
      ledger::BalanceKey{pb::ACCOUNT_KIND_WALLET, story.ben, *Currency::parse("USD")}) += 1;
  cli::Findings one;
  sums.compare(replica.state(), one);
  REQUIRE(one.count() == 1);
  CHECK(one.kept()[0].code == "balance_differs");
  CHECK(one.kept()[0].detail.find(story.ben.str()) != std::string::npos);
  pb::LedgerEvent unbalanced;
  unbalanced.add_postings()->set_amount(5);
  unbalanced.mutable_postings(0)->set_currency("USD");
  unbalanced.mutable_postings(0)->mutable_account()->set_kind(pb::ACCOUNT_KIND_FEES);
  sums.add(unbalanced);
  cli::Findings books;
  sums.compare(again_folded.state(), books);
  CHECK(books.count() == 2);
  CHECK(books.kept().back().code == "books_do_not_balance");
}

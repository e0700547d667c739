#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "cli/audit/balance.hpp"
#include "cli/audit/report.hpp"
#include "cli/audit/show.hpp"
#include "core/base/encoding.hpp"
#include "projections/chain_reader.hpp"
#include "projections/policy.hpp"
#include "projections/runner.hpp"
#include "projections/standpoint.hpp"
#include "tests/cli/audited.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;

TEST_CASE("a log that the owner wrote passes without a finding [B1]") {
  test::Story story;
  const auto report = story.audit();
  for (const auto& finding : report.findings.kept()) INFO(finding.code, finding.detail);
  CHECK(report.findings.count() == 0);
  CHECK(report.ledger.complete);
  CHECK(report.ledger.fences.size() == 2);
  CHECK(report.ledger.voids.empty());
  CHECK(report.ledger.signatures == 2);
  CHECK(report.rights_checked == 6);
  CHECK(report.rights_unchecked == 0);
}

TEST_CASE("totals say where the deposits are, and sum to nothing [D9]") {
  test::Story story;
  const auto totals = story.audit().ledger.totals.at("USD");
  // fees: 50 % of 500, 10 % of 999, 20 % of 333, rounded down
  CHECK(totals.deposits == 10'000);
  CHECK(totals.wallets == 10'000 - 500 - 999 - 333);
  CHECK(totals.fees == 250 + 99 + 66);
  CHECK(totals.earnings == 250 + 900 + 267);
  CHECK(totals.sum() == 0);
}

TEST_CASE("the genesis and the head that one was given are compared") {
  test::Story story;
  const auto first = story.audit();
  story.options.ledger.genesis = first.ledger.genesis;
  story.options.ledger.known_head = cli::KnownHead{first.ledger.end, first.ledger.chain.head};
  CHECK(first.ledger.genesis == sha256(story.log.ledger().front().value));
  CHECK(story.audit().findings.count() == 0);
  story.options.ledger.genesis = sha256("another");
  test::check_only_finding(story.audit(), "genesis_differs", "ledger/0@0");
  story.options.ledger.genesis.reset();
  story.options.ledger.known_head->head = sha256("another");
  test::check_only_finding(story.audit(), "head_differs",
                           "ledger/0@" + std::to_string(first.ledger.end - 1));
  story.options.ledger.known_head = cli::KnownHead{first.ledger.end + 1, first.ledger.chain.head};
  test::check_only_finding(story.audit(), "head_differs", "ledger");
}

TEST_CASE("rights are held against the ledger as of when they were checked [P25]") {
  test::Story story;
  auto& world = story.world;
  const auto id = CommentId::from_digest(sha256("new"));
  struct Row {
    const char* what;
    std::function<test::PlatformWorld::At()> deed;
    const char* code;  ///< empty: in order
  };
  const Row rows[] = {
      {"a comment without right", [&] { return world.comment(story.eve, story.premium, id); },
       "right_missing"},
      {"a comment by its author's customer",
       [&] { return world.comment(story.ben, story.premium, id); }, ""},
      {"a like of no post",
       [&] { return world.like(story.eve, PostId::from_digest(sha256("no post"))); },
       "right_missing"},
      {"a like of a deleted post",
       [&] {
         world.delete_post(story.ana, story.premium);
         return world.like(story.eve, story.premium);
       },
       "right_missing"},
      {"a like from before it was deleted",
       [&] {
         auto event = world.act(story.eve, story.premium.view());
         event.mutable_liked()->set_post(story.premium.raw());
         world.delete_post(story.ana, story.premium);
         return world.append(event);
       },
       ""},
      {"a message without a subscription", [&] { return world.message(story.eve, story.ana); },
       "right_missing"},
      {"a message to one's follower who has not written",
       [&] {
         const auto kim = world.fan("kim");
         world.deposit(kim, 2000);
         world.subscribe(kim, story.ana, 999);
         return world.message(story.ana, kim);
       },
       "right_missing"},
      {"a message after the subscription ended",
       [&] {
         world.clock.advance(days(31));
         story.options.ledger.now.ms += days(31).ms;
         return world.message(story.ben, story.ana);
       },
       "right_missing"},
      {"a message dated back into the subscription",
       [&] {
         auto event = world.act(story.ben, conversation_of(story.ben, story.ana).view());
         world.clock.advance(days(31));
         story.options.ledger.now.ms += days(32).ms;
         world.deposit(story.ben, 500);
         event.set_checked_at(world.ledger_end());
         event.mutable_message_sent()->set_message(std::string(16, 'm'));
         event.mutable_message_sent()->set_conversation(event.about());
         event.mutable_message_sent()->set_to(story.ana.raw());
         return world.append(event);
       },
       "time_before_ledger"},
      {"another's comment deleted",
       [&] {
         return world.delete_comment(story.eve, story.premium,
                                     CommentId::from_digest(sha256("ben's")));
       },
       "right_missing"},
      {"an actor who is nobody",
       [&] { return world.like(AccountId::from_digest(sha256("nobody")), story.free); },
       "actor_unknown"},
      {"a check beyond the ledger",
       [&] {
         auto event = world.act(story.eve, story.free.view());
         event.mutable_liked()->set_post(story.free.raw());
         event.set_checked_at(world.ledger_end() + 1);
         return world.append(event);
       },
       "checked_beyond_ledger"},
  };
  const auto size = sizeof rows / sizeof rows[0];
  for (std::size_t i = 0; i < size; ++i) {
    SUBCASE(rows[i].what) {
      const auto at = rows[i].deed();
      const auto report = story.audit();
      if (std::string(rows[i].code).empty()) {
        CHECK(report.findings.count() == 0);
      } else {
        test::check_only_finding(
            report, rows[i].code,
            "activity/" + std::to_string(at.partition) + "@" + std::to_string(at.offset));
      }
    }
  }
}

TEST_CASE(
    "what is admitted on one standpoint is found right, whatever went on until it was written "
    "[P25]") {
  test::Story story;
  auto& world = story.world;
  test::TempDir dir;
  projections::ReadModels models;
  const auto store = projections::Store::open(dir.path(), models.names()).value();
  const auto runner =
      projections::Runner::open(*store, story.log, models.all(), projections::open_chain_reader)
          .value();
  runner->start();
  const auto settle = [&] {
    const auto end =
        projections::PositionToken::just_after({log::Stream::ledger, 0, world.ledger_end() - 1});
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    REQUIRE(runner->wait_for(end, deadline));
    return projections::take_standpoint(*store, models, world.clock.now()).value();
  };
  const auto may_like = [&](const projections::Standpoint& at) {
    const auto post = models.catalogue.post(at.view, story.premium);
    return ledger::decide_access(
               ledger::Artefact::listing,
               projections::access_facts(models, at.view, story.eve, *post, at.now))
        .allowed;
  };
  const auto may_write = [&](const projections::Standpoint& at) {
    return ledger::decide_chat(
               projections::chat_facts(models, at.view, story.ben, story.ana, at.now))
        .allowed;
  };
  const auto then = settle();
  CHECK(may_like(then));
  CHECK(may_write(then));
  world.delete_post(story.ana, story.premium);
  world.clock.advance(days(31));  // the subscription ends
  world.deposit(story.ben, 500);
  story.options.ledger.now.ms += days(32).ms;
  const auto later = settle();
  CHECK_FALSE(may_like(later));
  CHECK_FALSE(may_write(later));

  const auto record = [&](const projections::Standpoint& at) {
    auto like = world.act(story.eve, story.premium.view());
    like.mutable_liked()->set_post(story.premium.raw());
    auto message = world.act(story.ben, conversation_of(story.ben, story.ana).view());
    message.mutable_message_sent()->set_message(std::string(16, 'm'));
    message.mutable_message_sent()->set_conversation(message.about());
    message.mutable_message_sent()->set_to(story.ana.raw());
    for (auto* event : {&like, &message}) {
      event->set_checked_at(at.ledger);
      event->set_time_ms(at.now.ms);
      world.append(*event);
    }
  };
  record(then);
  CHECK(story.audit().findings.count() == 0);
  record(later);
  const auto report = story.audit();
  REQUIRE(report.findings.count() == 2);
  for (const auto& finding : report.findings.kept()) CHECK(finding.code == "right_missing");
}

TEST_CASE("rights are checked in windows of any size, with the same result") {
  test::Story story;
  story.world.comment(story.eve, story.premium, CommentId::from_digest(sha256("x")));
  for (const std::size_t window : {1U, 2U, 3U, 1000U}) {
    story.options.rights_window = window;
    const auto report = story.audit();
    CHECK(report.rights_checked == 7);
    CHECK(report.findings.count() == 1);
  }
}

TEST_CASE("an activity record that nobody can read is found where it stands") {
  struct Row {
    const char* what;
    std::string value;
    const char* code;
  };
  test::Story story;
  auto strange = story.world.act(story.eve, story.free.view());
  strange.mutable_liked()->set_post(story.free.raw());
  const auto misfiled = [&] {
    auto event = strange;
    event.mutable_liked()->set_post(story.premium.raw());
    return events::encode(event);
  }();
  auto bodiless = strange;
  bodiless.clear_liked();
  const Row rows[] = {
      {"garbage", "\xff\xff garbage", "activity_unparsable"},
      {"an unknown kind", events::encode(bodiless) + "\xf2\x07\x02hi", "activity_unknown"},
      {"no kind", events::encode(bodiless), "activity_unknown"},
      {"under another subject", misfiled, "activity_misfiled"}};
  for (const auto& row : rows) {
    SUBCASE(row.what) {
      const log::NewRecord record{"", row.value};
      const auto partition = activity::partition_of(strange.about(), 4);
      const auto offset = story.log.append(log::Stream::activity, partition, {&record, 1}).value();
      test::check_only_finding(
          story.audit(), row.code,
          "activity/" + std::to_string(partition) + "@" + std::to_string(offset));
    }
  }
}

TEST_CASE("the report for programs and the one for people tell the same") {
  test::Story story;
  story.world.comment(story.eve, story.premium, CommentId::from_digest(sha256("x")));
  const auto report = story.audit();
  const cli::AuditFrame frame{"here", Instant{0}, 1.5};
  const auto document = cli::report_json(report, frame);
  CHECK(document["ok"] == false);
  CHECK(document["finding_count"] == 1);
  CHECK(document["findings"][0]["code"] == "right_missing");
  CHECK(document["findings"][0]["event_seq"] == nullptr);
  CHECK(document["totals"][1]["currency"] == "USD");
  CHECK(document["totals"][1]["sum"] == "0");
  std::ostringstream out;
  cli::print_report(report, frame, out);
  for (const char* part : {"right_missing", "1 finding", "deposits 100.00 USD", "epoch 2"}) {
    CHECK_MESSAGE(out.str().find(part) != std::string::npos, out.str());
  }
  CHECK(out.str().find(document["head"]["hash"].get<std::string>()) != std::string::npos);
  CHECK(out.str().find(to_hex(test::kLedgerId)) != std::string::npos);
}

TEST_CASE("events are shown as JSON, with sealed parts shown as such") {
  test::Story story;
  story.world.stop();
  std::ostringstream out;
  REQUIRE(cli::show_events(story.log, {0, 1000, true}, out));
  std::istringstream in(out.str());
  std::vector<nlohmann::json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(nlohmann::json::parse(line));
  CHECK(lines[0].contains("genesis"));
  CHECK(lines[1]["fence"]["epoch"] == 1);
  CHECK(lines[2]["event_seq"] == 0);
  const auto& opened = lines[2]["event"]["account_opened"];
  CHECK(opened["username"] == "ana");
  CHECK(opened["account"] == story.ana.str());
  CHECK(opened["role"] == "creator");
  CHECK(opened["email"]["sealed"] == true);
  CHECK(opened["email"]["bytes"] == 40);
  CHECK(out.str().find(to_hex(std::string(40, 'c'))) == std::string::npos);
  const auto& verified = lines[3]["event"]["origin"]["staff"]["command"];
  CHECK(verified["verify_creator"]["account"] == story.ana.str());
  std::ostringstream part;
  REQUIRE(cli::show_events(story.log, {3, 2, false}, part));
  const auto shown = part.str();
  CHECK(std::count(shown.begin(), shown.end(), '\n') == 2);
  CHECK(nlohmann::json::parse(shown.substr(0, shown.find('\n')))["event_seq"] == 3);
}

TEST_CASE("a balance comes from the fold, by name or by id") {
  test::Story story;
  story.world.stop();
  for (const auto& name : {std::string("ANA"), story.ana.str()}) {
    const auto sheet = cli::balance_of(story.log, name);
    REQUIRE(sheet);
    CHECK(sheet->account == story.ana);
    CHECK(sheet->lines[0].earnings == 250 + 900 + 267);
    CHECK(sheet->lines[0].wallet == 0);
  }
  CHECK(cli::balance_of(story.log, "nobody").error().code == "account_unknown");
  story.log.ledger().back().value.back() ^= 1;
  CHECK_FALSE(cli::balance_of(story.log, "ana"));
}

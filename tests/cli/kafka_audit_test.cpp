#include <doctest/doctest.h>

#include "tests/cli/moved_platform.hpp"

using namespace fl;
using log::Stream;
using test::MovedPlatform;

namespace {

/// A platform that lives on Kafka: one owner, something foreign, and another owner.
struct SharedPlatform {
  using Between = std::function<void(log::Log&)>;
  explicit SharedPlatform(const Between& between) {
    const auto log = at.open_kafka();
    test::PlatformWorld world(*log);
    const auto ana = world.creator("ana", 999);
    const auto ben = world.fan("ben");
    world.deposit(ben, 5000);
    world.stop();
    between(*log);
    world.take_over();
    world.subscribe(ben, ana, 999);
    world.comment(ben, world.post(ana, 500), CommentId::from_digest(sha256("c")));
    world.stop();
    at.run.now = world.clock.now();
  }

  MovedPlatform at;
};

log::Offset append(log::Log& log, const std::string& value) {
  const log::NewRecord record{"", value};
  const auto offset = log.append(Stream::ledger, 0, {&record, 1});
  REQUIRE(offset);
  return *offset;
}

/// The fence that stands at offset 1, as another wrote it who wanted the same epoch.
std::string rival_fence(log::Log& log) {
  const auto first = log.read(Stream::ledger, 0, 1, 1, 1 << 20);
  REQUIRE((first && first->size() == 1));
  pb::LedgerRecord fence;
  REQUIRE(events::decode(first->front().value, fence));
  REQUIRE(fence.has_fence());
  fence.mutable_fence()->set_incarnation(std::string(16, 'q'));
  return events::encode(fence);
}

}  // namespace

TEST_CASE("a log on Kafka is audited, shown and exported where it stands [B1] [B16]") {
  log::Offset rival = 0;
  SharedPlatform platform([&](log::Log& log) { rival = append(log, rival_fence(log)); });
  auto& at = platform.at;
  const auto report = at.must(at.on_kafka({"audit", "verify"}));
  CHECK(report["finding_count"] == 0);
  CHECK(report["source"].get<std::string>().find(at.kafka.options.prefix) != std::string::npos);
  CHECK(report["activity"]["rights_checked"] == 1);
  // The two who fenced, and the one who came second to the first epoch.
  REQUIRE(report["fences"].size() == 2);
  CHECK(report["fences"][0]["epoch"] == 1);
  CHECK(report["fences"][1]["epoch"] == 2);
  REQUIRE(report["voids"].size() == 1);
  CHECK(report["voids"][0]["offset"] == rival);
  CHECK(report["voids"][0]["explanation"] == "a fence for epoch 1, which another fenced first");
  const auto told = at.run(at.on_kafka({"audit", "verify"}));
  CHECK(told.out.find("Void        record " + std::to_string(rival)) != std::string::npos);

  const auto balance = at.run(at.on_kafka({"audit", "balance", "ana"}));
  CHECK(balance.out.find("earnings 9.00 USD") != std::string::npos);
  const auto shown = at.run(at.on_kafka({"audit", "show", "--from", "1", "--count", "1"}));
  CHECK(nlohmann::json::parse(shown.out)["event"].contains("creator_verified"));
  at.must(at.on_kafka({"audit", "export", at.file("audit")}));
  CHECK(at.must({"audit", "verify", "--export", at.file("audit")})["head"] == report["head"]);

  // Moved to one machine, its past is still that of a shared log.
  at.must(at.on_kafka({"log", "export", at.file("whole")}));
  at.must({"log", "import", at.file("whole"), "--data", at.file("home")});
  at.must({"audit", "verify", "--data", at.file("home"), "--shared"});
  CHECK(at.run({"audit", "verify", "--data", at.file("home")}).exit == 1);
}

TEST_CASE("what a stranger appends to the ledger's topic is found, and the audit goes on [B16]") {
  log::Offset garbage = 0, rival = 0;
  SharedPlatform platform([&](log::Log& log) {
    garbage = append(log, "garbage");
    rival = append(log, rival_fence(log));
    append(log, "more of it");
  });
  const auto ran = platform.at.run(platform.at.on_kafka({"audit", "verify", "--json"}));
  REQUIRE_MESSAGE(ran.exit == 1, ran.out << ran.err);
  const auto report = nlohmann::json::parse(ran.out);
  CHECK(report["ledger"]["complete"] == true);
  CHECK(report["activity"]["rights_checked"] == 1);
  REQUIRE(report["voids"].size() == 3);
  CHECK(report["voids"][0]["explanation"] == nullptr);
  CHECK(report["voids"][1]["offset"] == rival);
  REQUIRE(report["finding_count"] == 2);
  CHECK(report["findings"][0]["code"] == "void_record");
  CHECK(report["findings"][0]["severity"] == "warning");
  CHECK(report["findings"][0]["offset"] == garbage);
  CHECK(report["findings"][1]["offset"] == garbage + 2);
}

TEST_CASE("an audit on Kafka tells what keeps it from reading") {
  MovedPlatform at;
  struct Row {
    std::vector<std::string> arguments;
    int exit;
    const char* says;
  };
  test::write_bytes(at.file("kafka.conf"), "no such.setting=secret\n");
  test::write_bytes(at.file("unknown.conf"), "no.such.setting=secret\n");
  const std::vector<Row> rows = {
      {at.on_kafka({"audit", "verify"}), 3, "log_missing"},
      {at.on_kafka({"audit", "balance", "ana"}), 3, "log_missing"},
      {at.on_kafka({"audit", "verify", "--data", at.data}), 2, ""},
      {{"audit", "verify", "--topic-prefix", "x"}, 2, ""},
      {at.on_kafka({"audit", "show", "--kafka-config", at.file("kafka.conf")}), 2, "line 1"},
      {at.on_kafka({"audit", "show", "--kafka-config", at.file("unknown.conf")}), 2,
       "no.such.setting"},
      {at.on_kafka({"audit", "show", "--kafka-config", at.file("absent")}), 3, "absent"}};
  for (const auto& row : rows) {
    const auto ran = at.run(row.arguments);
    CHECK_MESSAGE(ran.exit == row.exit, row.says << ": " << ran.err);
    CHECK_MESSAGE(ran.err.find(row.says) != std::string::npos, ran.err);
    CHECK(ran.err.find("secret") == std::string::npos);
  }
}

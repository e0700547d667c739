#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>

#include "core/log/embedded_log.hpp"
#include "projections/chain_reader.hpp"
#include "projections/read_models.hpp"
#include "projections/runner.hpp"
#include "projections/store.hpp"
#include "projections/txn.hpp"
#include "tests/cli/platform_world.hpp"
#include "tests/cli/program_run.hpp"
#include "tests/support/seed.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;

namespace {

const std::vector<log::StreamConfig> kStreams = {{log::Stream::ledger, 1, false},
                                                 {log::Stream::activity, 2, false}};

/// A stopped server's data on disk.
struct Archive {
  Archive() {
    std::filesystem::create_directories(data);
    auto log = log::EmbeddedLog::open(data + "/log", kStreams);
    REQUIRE_MESSAGE(log, (log ? "" : log.error().message));
    test::PlatformWorld world(**log);
    const auto ana = world.creator("ana", 999);
    const auto ben = world.fan("ben");
    world.deposit(ben, 5000);
    world.subscribe(ben, ana, 999);
    const auto post = world.post(ana, 500);
    world.comment(ben, post, CommentId::from_digest(sha256("c")));
    world.stop();
    derive_read_models(**log);
    REQUIRE((*log)->close());
    run.now = world.clock.now();
  }
  /// Opens the read models as their server does.
  std::unique_ptr<projections::Store> read_models() {
    auto store = projections::Store::open(data + "/views", models.names());
    REQUIRE_MESSAGE(store, (store ? "" : store.error().message));
    return std::move(*store);
  }
  void derive_read_models(log::Log& log) {
    const auto store = read_models();
    auto runner =
        projections::Runner::open(*store, log, models.all(), projections::open_chain_reader);
    REQUIRE_MESSAGE(runner, (runner ? "" : runner.error().message));
    (*runner)->start();
    projections::PositionToken all;
    for (const auto& config : kStreams) {
      for (log::PartitionIndex i = 0; i < config.partitions; ++i)
        all.set(config.stream, i, log.end(config.stream, i).value());
    }
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    REQUIRE((*runner)->wait_for(all, deadline));
    runner->reset();
    keep(*store);
  }
  /// A store keeps its rows when it goes, or silently does not: what a test rests on is made sure.
  static void keep(projections::Store& store) {
    const auto kept = store.flush(true);
    REQUIRE_MESSAGE(kept, (kept ? "" : kept.error().message));
  }
  std::string file(const char* name) { return (dir / name).string(); }

  projections::ReadModels models;
  test::TempDir dir;
  std::string data = (dir / "data").string();
  test::ProgramRun run;
};

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write_bytes(const std::string& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

}  // namespace

TEST_CASE("a stopped server's data verifies, is exported, and the export verifies [B1]") {
  Archive archive;
  const auto verified = archive.run({"audit", "verify", "--data", archive.data});
  CHECK_MESSAGE(verified.exit == 0, verified.out << verified.err);
  const auto file = archive.file("all.fllog");
  const auto exported = archive.run({"audit", "export", "--data", archive.data, file});
  CHECK_MESSAGE(exported.exit == 0, exported.err);
  const auto again = archive.run({"audit", "verify", "--export", file, "--json"});
  REQUIRE_MESSAGE(again.exit == 0, again.out << again.err);
  const auto report = nlohmann::json::parse(again.out);
  CHECK(report["ok"] == true);
  CHECK(report["totals"][1]["deposits"] == "5000");
  CHECK(report["activity"]["rights_checked"] == 1);
  const auto head = std::to_string(report["head"]["records"].get<int>()) + ":" +
                    report["head"]["hash"].get<std::string>();
  const auto known = archive.run({"audit", "verify", "--export", file, "--quiet", "--genesis",
                                  report["genesis"].get<std::string>(), "--known-head", head});
  CHECK(known.exit == 0);
  CHECK(known.out.empty());
  CHECK(archive.run({"audit", "export", "--data", archive.data, file}).exit == 2);  // is there
}

TEST_CASE("a read model that the log does not give is found [B1] [D9]") {
  Archive archive;
  const std::vector<std::string> verify = {"audit", "verify", "--data", archive.data, "--json"};
  const auto before = archive.run(verify);
  REQUIRE_MESSAGE(before.exit == 0, before.out << before.err);
  const auto clean = nlohmann::json::parse(before.out);
  CHECK(clean["ok"] == true);
  CHECK(clean["read_models"]["rows"] > 10);
  CHECK(clean["read_models"]["differences"] == 0);
  {
    const auto store = archive.read_models();
    projections::Txn txn(*store, archive.models.wallets.name());
    txn.put("a row of nobody", "a million");
    projections::Txn* const one = &txn;
    REQUIRE(store->commit({&one, 1}));
    Archive::keep(*store);
  }
  const auto ran = archive.run(verify);
  REQUIRE_MESSAGE(ran.exit == 1, ran.out << ran.err);
  const auto found = nlohmann::json::parse(ran.out);
  REQUIRE_MESSAGE(found["finding_count"] == 1, ran.out);
  CHECK(found["findings"][0]["code"] == "read_model_differs");
  CHECK(found["findings"][0]["detail"].get<std::string>().find("not derived") != std::string::npos);
}

TEST_CASE("read models too damaged to be read are found, and the audit goes on [B1]") {
  std::mt19937_64 random(test::seed("damaged read models"));
  Archive archive;
  const std::vector<std::string> verify = {"audit", "verify", "--data", archive.data, "--json"};
  const auto rights = nlohmann::json::parse(archive.run(verify).out)["activity"]["rights_checked"];
  std::vector<std::string> tables;
  for (const auto& entry : std::filesystem::directory_iterator(archive.data + "/views")) {
    if (entry.path().extension() == ".sst") tables.push_back(entry.path().string());
  }
  REQUIRE(tables.size() > 3);
  std::sort(tables.begin(), tables.end());
  const auto check = [&](const std::string& file, const std::string& bytes, bool unreadable) {
    const auto whole = bytes_of(file);
    write_bytes(file, bytes);
    const auto ran = archive.run(verify);
    write_bytes(file, whole);
    REQUIRE_MESSAGE((ran.exit == 1 || (ran.exit == 0 && !unreadable)), file << ran.out << ran.err);
    const auto report = nlohmann::json::parse(ran.out);
    CHECK(report["activity"]["rights_checked"] == rights);
    CHECK(report["head"]["records"] == report["ledger"]["end"]);
    for (const auto& finding : report["findings"]) {
      CHECK(finding["stream"] == "read_models");
      CHECK(finding["code"] == "read_model_unreadable");
    }
    CHECK(report["findings"].size() >= (unreadable ? 1 : 0));
    return ran.exit == 0 ? "" : report["findings"][0]["detail"].get<std::string>();
  };
  SUBCASE("the first block of a table") {
    for (const auto& table : tables) {
      auto changed = bytes_of(table);
      changed[3] = static_cast<char>(changed[3] ^ 1);
      const auto name = table.substr(table.rfind('/') + 1);
      CHECK(check(table, changed, true).find(name) != std::string::npos);
    }
  }
  SUBCASE("the half of a table") {
    for (const auto& table : tables) {
      const auto whole = bytes_of(table);
      check(table, whole.substr(0, whole.size() / 2), true);
    }
  }
  SUBCASE("no word of what there is") {
    const auto detail = check(archive.data + "/views/CURRENT", "", true);
    CHECK(detail.find(archive.data + "/views") != std::string::npos);
  }
  SUBCASE("one byte anywhere in a table") {
    for (int i = 0; i < 60; ++i) {
      const auto& table = tables[random() % tables.size()];
      auto changed = bytes_of(table);
      const auto at = random() % changed.size();
      changed[at] = static_cast<char>(changed[at] ^ (1 + random() % 255));
      check(table, changed, false);
    }
  }
  CHECK(archive.run(verify).exit == 0);
}

TEST_CASE("one changed byte anywhere in an export is found by the program [B1]") {
  std::mt19937_64 random(test::seed("changed export"));
  Archive archive;
  const auto file = archive.file("all.fllog");
  REQUIRE(archive.run({"audit", "export", "--data", archive.data, file}).exit == 0);
  const auto whole = bytes_of(file);
  for (int i = 0; i < 300; ++i) {
    auto changed = whole;
    const auto at = random() % whole.size();
    changed[at] = static_cast<char>(changed[at] ^ (1 + random() % 255));
    write_bytes(file, changed);
    const auto ran = archive.run({"audit", "verify", "--export", file});
    // Of a file whose head is not that of an export nothing can be told but that.
    CHECK_MESSAGE((ran.exit == 1 || (at < 64 && ran.exit == 3)), "byte " << at << ran.err);
    if (ran.exit == 1) CHECK_MESSAGE(ran.out.find("1 finding(s)") != std::string::npos, ran.out);
  }
  write_bytes(file, whole);
  CHECK(archive.run({"audit", "verify", "--export", file}).exit == 0);
}

TEST_CASE("events and balances are shown from the data directory") {
  Archive archive;
  const auto shown =
      archive.run({"audit", "show", "--data", archive.data, "--from", "1", "--count", "1"});
  CHECK(shown.exit == 0);
  CHECK(nlohmann::json::parse(shown.out)["event"].contains("creator_verified"));
  const auto balance = archive.run({"audit", "balance", "ana", "--data", archive.data});
  CHECK(balance.exit == 0);
  CHECK(balance.out.find("earnings 9.00 USD") != std::string::npos);
  const auto nobody = archive.run({"audit", "balance", "nobody", "--data", archive.data});
  CHECK(nobody.exit == 1);
  CHECK(nobody.err.find("ACCOUNT: ") != std::string::npos);
}

TEST_CASE("what cannot be read is told as such, and usage is usage") {
  Archive archive;
  struct Row {
    std::vector<std::string> arguments;
    int exit;
  };
  const std::vector<Row> rows = {
      {{"audit", "verify", "--data", archive.file("absent")}, 3},
      {{"audit", "verify", "--export", archive.file("absent")}, 3},
      {{"audit", "balance", "ana", "--export", archive.file("absent")}, 3},
      {{"audit", "show", "--data", archive.file("absent")}, 3},
      {{"audit", "export", "--data", archive.file("absent"), archive.file("new")}, 3},
      {{"audit", "verify"}, 2},
      {{"audit", "verify", "--data", "x", "--export", "y"}, 2},
      {{"audit", "verify", "--data", archive.data, "--genesis", "short"}, 2},
      {{"audit", "verify", "--data", archive.data, "--known-head", "12"}, 2},
      {{"audit", "verify", "--data", archive.data, "--genesis", std::string(64, '0')}, 1}};
  for (const auto& row : rows) {
    const auto ran = archive.run(row.arguments);
    CHECK_MESSAGE(ran.exit == row.exit, row.arguments[1] << ": " << ran.err);
  }
  CHECK_FALSE(std::filesystem::exists(archive.file("absent")));
}

TEST_CASE("a server's data is not read while it runs") {
  Archive archive;
  auto log = log::EmbeddedLog::open(archive.data + "/log", kStreams);
  REQUIRE(log);
  const auto ran = archive.run({"audit", "verify", "--data", archive.data});
  CHECK(ran.exit == 3);
  CHECK(ran.err.find("log_in_use") != std::string::npos);
}

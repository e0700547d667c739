#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "cli/nodes/authority.hpp"
#include "tests/cli/program_run.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;

namespace {

bool holds(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an authority and a node's certificate are made by two commands") {
  const test::TempDir dir;
  test::ProgramRun run;
  const auto ca = (dir / "ca").string();
  const auto made = run({"admin", "nodes", "ca", ca});
  CHECK(made.exit == 0);
  CHECK(holds(made.out, ca + "/ca.pem"));
  CHECK(holds(made.out, ca + "/ca.key"));
  const auto node = (dir / "node-1").string();
  const auto issued = run({"admin", "nodes", "cert", "--ca", ca, "--host", "node-1.example",
                           "--host", "10.0.0.7", node, "--days", "10", "--json"});
  CHECK(issued.exit == 0);
  CHECK(issued.err.empty());
  const auto json = nlohmann::json::parse(issued.out);
  CHECK(json.at("certificate") == node + "/node.pem");
  CHECK(json.at("key") == node + "/node.key");
  CHECK(json.at("sha256").get<std::string>().size() == 64);
  CHECK(json.at("expires") == "2026-02-12T02:41:40.000Z");
  for (const auto* file : {"ca.pem", "node.pem", "node.key"}) {
    CHECK(std::filesystem::exists(dir / "node-1" / file));
  }
}

TEST_CASE(
    "certificates of nodes: what is wrong is said by field and rule, and nothing is overwritten") {
  const test::TempDir dir;
  test::ProgramRun run;
  const auto ca = (dir / "ca").string();
  const auto node = (dir / "node").string();
  const auto cert = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments{"admin", "nodes", "cert", node};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  };
  CHECK(holds(cert({"--ca", ca, "--host", "a"}).err, "authority_unusable"));
  REQUIRE(run({"admin", "nodes", "ca", ca}).exit == 0);
  const auto twice = run({"admin", "nodes", "ca", ca});
  CHECK(twice.exit == 2);
  CHECK(holds(twice.err, "file_exists"));
  auto refused = cert({"--ca", ca, "--host", "a_b"});
  CHECK(refused.exit == 2);
  CHECK(holds(refused.err, "--host: \"a_b\" is neither a host name nor an IP address."));
  refused = cert({"--ca", ca, "--host", "a", "--days", "5000"});
  CHECK(refused.exit == 2);
  CHECK(holds(refused.err, "--days: A certificate is valid for 1 to 3653 days."));
  CHECK(cert({"--ca", ca}).exit == 2);
  CHECK(cert({"--host", "a"}).exit == 2);
  CHECK_FALSE(std::filesystem::exists(dir / "node"));
  CHECK(cert({"--ca", ca, "--host", "a"}).exit == 0);
  refused = cert({"--ca", ca, "--host", "a"});
  CHECK(refused.exit == 2);
  CHECK(holds(refused.err, "file_exists"));
}

TEST_CASE("the commands of nodes explain themselves") {
  test::ProgramRun run;
  for (const auto* command : {"ca", "cert"}) {
    const auto help = run({"admin", "nodes", command, "--help"});
    CHECK(help.exit == 0);
    CHECK(holds(help.out, "Example:\n  fanledger admin nodes "));
    CHECK(holds(help.out, "Exit codes:"));
  }
}

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "cli/key_file.hpp"
#include "cli/staff/staff_command.hpp"
#include "core/base/encoding.hpp"
#include "core/events/signature.hpp"
#include "core/ledger/postings.hpp"
#include "tests/cli/fake_platform.hpp"
#include "tests/cli/platform_world.hpp"
#include "tests/support/temp_dir.hpp"

using namespace fl;
using Trouble = test::FakePlatform::Trouble;

namespace {

struct Desk {
  Desk() {
    const auto file = dir / "admin.key";
    std::ofstream(file) << "secret:" << to_hex(test::kAdminSeed) << "\n";
    REQUIRE(::chmod(file.c_str(), 0600) == 0);
  }
  test::Ran operator()(std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--key", (dir / "admin.key").string()});
    return run(std::move(arguments));
  }
  Amount wallet(const AccountId& account, const char* currency) {
    return platform.state().balance(ledger::wallet_of(account, *Currency::parse(currency)));
  }

  test::TempDir dir;
  test::FakePlatform platform;
  test::ProgramRun run{platform.connect()};
};

}  // namespace

TEST_CASE("a creator is verified, and verification withdrawn, by signed commands [P29]") {
  Desk desk;
  const auto ana = desk.platform.open_account("ana", pb::ROLE_CREATOR);
  const auto verified = desk({"staff", "creator", "verify", "Ana", "--json"});
  CHECK_MESSAGE(verified.exit == 0, verified.err);
  CHECK(desk.platform.state().accounts.find(ana)->verified);
  const auto receipt = nlohmann::json::parse(verified.out);
  CHECK(receipt["event_seq"] == 0);
  CHECK(receipt["repeated"] == false);
  CHECK(verified.err.find(receipt["command_id"].get<std::string>()) != std::string::npos);
  CHECK(desk({"staff", "creator", "withdraw", "ana"}).exit == 2);  // why?
  const auto withdrawn = desk({"staff", "creator", "withdraw", "ana", "--reason", "forged"});
  CHECK_MESSAGE(withdrawn.exit == 0, withdrawn.err);
  CHECK_FALSE(desk.platform.state().accounts.find(ana)->verified);
}

TEST_CASE("a deposit credits exactly the amount in major units [P9] [D10]") {
  Desk desk;
  const auto ben = desk.platform.open_account("ben", pb::ROLE_FAN);
  const auto usd = desk({"staff", "deposit", "ben", "25.00", "USD", "--reference", "wire 1"});
  CHECK_MESSAGE(usd.exit == 0, usd.err);
  CHECK(usd.out.find("25.00 USD") != std::string::npos);
  CHECK(desk({"staff", "deposit", "ben", "0.00012345", "BTC", "--reference", "tx"}).exit == 0);
  CHECK(desk.wallet(ben, "USD") == 2500);
  CHECK(desk.wallet(ben, "BTC") == 12345);
}

TEST_CASE("an amount that is not one of the currency is refused before anything is signed") {
  struct Row {
    const char* amount;
    const char* currency;
    const char* code;
  };
  Desk desk;
  desk.platform.open_account("ben", pb::ROLE_FAN);
  for (const auto& row :
       {Row{"25.001", "USD", "amount_malformed"}, Row{"1e3", "USD", "amount_malformed"},
        Row{"1,000", "USD", "amount_malformed"}, Row{".5", "USD", "amount_malformed"},
        Row{"99999999999999999999", "USD", "amount_malformed"},
        Row{"0.00", "USD", "amount_not_positive"}, Row{"5", "EUR", "currency_unknown"},
        Row{"5", "usd", "currency_unknown"}}) {
    const auto ran =
        desk({"staff", "deposit", "ben", row.amount, row.currency, "--reference", "r"});
    CHECK_MESSAGE(ran.exit == 2, row.amount);
    CHECK_MESSAGE(ran.err.find(row.code) != std::string::npos, ran.err);
  }
  CHECK(desk.platform.posted_commands().empty());
}

TEST_CASE("an admin makes staff of a public key, which then signs, and revokes it [P29]") {
  Desk desk;
  desk.platform.open_account("ben", pb::ROLE_FAN);
  const auto file = (desk.dir / "fin.key").string();
  REQUIRE(cli::create_key_files(file, false));
  const auto deposit = [&] {
    return desk.run({"staff", "deposit", "ben", "5", "USD", "--reference", "r", "--key", file});
  };
  const auto before = deposit();
  CHECK(before.exit == 1);
  CHECK(before.err.find("key: The key is not one of this platform's staff.") != std::string::npos);
  const auto added = desk({"admin", "staff", "add", "--name", "Fin", "--role", "finance",
                           "--public-key", file + ".pub"});
  CHECK_MESSAGE(added.exit == 0, added.err);
  CHECK(deposit().exit == 0);
  const auto verify = desk.run({"staff", "creator", "verify", "ben", "--key", file});
  CHECK(verify.exit == 1);  // not a verifier
  CHECK(verify.err.find("role_not_allowed") != std::string::npos);
  const auto id = cli::read_public_key(file + ".pub")->id().str();
  CHECK(desk({"admin", "staff", "revoke", id}).exit == 0);
  CHECK(deposit().err.find("staff_key_revoked") != std::string::npos);
  CHECK(desk({"admin", "staff", "revoke", "key_short"}).exit == 2);
  CHECK(desk({"admin", "staff", "add", "--name", "X", "--role", "boss", "--public-key",
              file + ".pub"})
            .exit == 2);
}

TEST_CASE("a dry run shows what would be signed and sends nothing") {
  Desk desk;
  desk.platform.open_account("ben", pb::ROLE_FAN);
  const auto ran = desk({"staff", "deposit", "ben", "25.00", "USD", "--reference", "wire",
                         "--dry-run", "--json", "--command-id", "mine"});
  CHECK_MESSAGE(ran.exit == 0, ran.err);
  for (const auto& request : desk.platform.requests) CHECK(request.method == "GET");
  const auto shown = nlohmann::json::parse(ran.out);
  CHECK(shown["command_id"] == "mine");
  CHECK(shown["command"]["deposit"]["amount"] == 2500);
  const auto bytes = from_base64(shown["bytes"].get<std::string>());
  REQUIRE(bytes);
  const auto command = events::decode<pb::StaffCommand>(*bytes);
  REQUIRE(command);
  CHECK(command->deposit().reference() == "wire");
  CHECK(ran.out.find(to_hex(test::kAdminSeed)) == std::string::npos);
}

TEST_CASE("a busy or broken connection is tried again with the same bytes, and done once [D5]") {
  for (const auto trouble : {Trouble::unreachable, Trouble::busy, Trouble::answer_lost}) {
    Desk desk;
    const auto ben = desk.platform.open_account("ben", pb::ROLE_FAN);
    desk.platform.troubles = {Trouble::none, Trouble::none, trouble, trouble};
    const auto ran = desk({"staff", "deposit", "ben", "5", "USD", "--reference", "r"});
    CHECK_MESSAGE(ran.exit == 0, ran.err);
    const auto posted = desk.platform.posted_commands();
    REQUIRE(posted.size() == 3);
    CHECK(posted[0] == posted[1]);
    CHECK(posted[1] == posted[2]);
    CHECK(desk.wallet(ben, "USD") == 500);
    CHECK(desk.run.pauses.size() == 2);
  }
}

TEST_CASE("it gives up after a few attempts, and says how to go on") {
  Desk desk;
  const auto ben = desk.platform.open_account("ben", pb::ROLE_FAN);
  desk.platform.troubles = {Trouble::none, Trouble::none};
  desk.platform.troubles.insert(desk.platform.troubles.end(), 4, Trouble::answer_lost);
  const std::vector<std::string> deposit = {"staff",       "deposit", "ben",          "5",    "USD",
                                            "--reference", "r",       "--command-id", "again"};
  const auto ran = desk(deposit);
  CHECK(ran.exit == 3);
  CHECK(ran.err.find("--command-id again") != std::string::npos);
  CHECK(desk.platform.posted_commands().size() == 4);
  const auto again = desk(deposit);
  CHECK_MESSAGE(again.exit == 0, again.err);
  CHECK(again.out.find("not again") != std::string::npos);
  CHECK(desk.wallet(ben, "USD") == 500);
}

TEST_CASE("a command is bound to its ledger, its key, and ten minutes") {
  Desk desk;
  const auto ben = desk.platform.open_account("ben", pb::ROLE_FAN);
  cli::PlatformHead head;
  head.ledger_id = test::kLedgerId;
  head.anchor_seq = desk.platform.state().anchors.back().event_seq;
  head.anchor_head = desk.platform.state().anchors.back().head.str();
  pb::StaffCommand command;
  command.mutable_verify_creator()->set_account(ben.raw());
  cli::frame_command(command, head, test::kTestNow, {"id", "why", 300});
  const auto sent = cli::sign_command(cli::SecretSeed(test::kAdminSeed), command);
  const auto key = events::public_key_of(test::kAdminSeed);
  CHECK(events::verify(key, events::kStaffCommandDomain, sent.command, sent.signature));
  CHECK(command.expires_ms() == test::kTestNow.ms + 300'000);
  CHECK(command.ledger_id() == test::kLedgerId);
  CHECK(desk({"staff", "creator", "verify", "ben", "--expires", "601"}).exit == 2);
  CHECK(desk({"staff", "creator", "verify", "ben", "--expires", "0"}).exit == 2);
}

TEST_CASE("a problem of the platform is one sentence of field, rule and code") {
  Desk desk;
  desk.platform.open_account("ben", pb::ROLE_FAN);
  const auto fan = desk({"staff", "creator", "verify", "ben"});
  CHECK(fan.exit == 1);
  CHECK(fan.err.find("fanledger: account: Only creators are verified. (not_a_creator)\n") !=
        std::string::npos);
  const auto nobody = desk({"staff", "creator", "verify", "nobody"});
  CHECK(nobody.exit == 1);
  CHECK(nobody.err.find("fanledger: username: There is no such user. (user_unknown)\n") !=
        std::string::npos);
  const auto small = desk({"staff", "deposit", "ben", "0.01", "USD", "--reference", "r"});
  CHECK(small.exit == 1);
  CHECK(small.err.find("amount: ") != std::string::npos);
}

TEST_CASE("an answer that makes no sense signs nothing") {
  for (const char* answer : {"[]", "no json", "{}", R"({"ledger_id":"00"})"}) {
    Desk desk;
    desk.platform.answer_with = answer;
    const auto ran = desk({"staff", "creator", "verify", "ana"});
    CHECK(ran.exit == 3);
    CHECK(ran.err.find("answer_unreadable") != std::string::npos);
    CHECK(desk.platform.posted_commands().empty());
  }
}

TEST_CASE("what the command line gets wrong is usage, and --help is not") {
  Desk desk;
  CHECK(desk.run({}).exit == 2);
  CHECK(desk.run({"staff", "deposit"}).exit == 2);
  CHECK(desk.run({"nonsense"}).exit == 2);
  CHECK(desk.run({"staff", "creator", "verify", "ana"}).exit == 2);  // no key
  const std::vector<std::vector<std::string>> commands = {{"admin", "key", "create"},
                                                          {"admin", "key", "show"},
                                                          {"admin", "staff", "add"},
                                                          {"admin", "staff", "revoke"},
                                                          {"staff", "creator", "verify"},
                                                          {"staff", "creator", "withdraw"},
                                                          {"staff", "deposit"},
                                                          {"audit", "verify"},
                                                          {"audit", "export"},
                                                          {"audit", "show"},
                                                          {"audit", "balance"}};
  for (auto command : commands) {
    command.push_back("--help");
    const auto help = desk.run(command);
    CHECK(help.exit == 0);
    CHECK(help.out.find("Example:") != std::string::npos);
    CHECK(help.out.find("Exit codes:") != std::string::npos);
    CHECK(help.out.find("--json") != std::string::npos);
  }
}

#include "tests/cli/fake_platform.hpp"

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>

#include "core/base/encoding.hpp"
#include "core/events/signature.hpp"
#include "core/ledger/decide.hpp"
#include "core/owner/genesis.hpp"
#include "tests/cli/platform_world.hpp"

namespace fl::test {
namespace {

using nlohmann::json;

cli::HttpResponse problem(const Error& error) {
  static const std::map<ErrorClass, int> kStatus = {
      {ErrorClass::malformed, 422},  {ErrorClass::unauthorized, 401}, {ErrorClass::refused, 403},
      {ErrorClass::not_found, 404},  {ErrorClass::conflict, 409},     {ErrorClass::retry, 503},
      {ErrorClass::unavailable, 503}};
  const auto status = kStatus.at(error.kind);
  return {status, json{{"status", status},
                       {"code", error.code},
                       {"title", "Refused"},
                       {"detail", error.message},
                       {"field", error.field}}
                      .dump()};
}

class Connection : public cli::HttpClient {
 public:
  explicit Connection(FakePlatform& platform) : platform_(platform) {}
  Result<cli::HttpResponse> send(const cli::HttpRequest& request) override {
    return platform_.send(request);
  }

 private:
  FakePlatform& platform_;
};

}  // namespace

FakePlatform::FakePlatform() {
  pb::LedgerRecord genesis;
  *genesis.mutable_genesis() =
      owner::default_genesis(kLedgerId, events::public_key_of(kAdminSeed), std::string(32, 'k'),
                             Instant{kTestNow.ms - 3'600'000});
  REQUIRE(replica_.feed(0, events::encode(genesis)));
}

AccountId FakePlatform::open_account(const std::string& name, pb::Role role) {
  const auto id = AccountId::from_digest(sha256(name));
  auto& row = replica_.state().accounts.edit(id);
  row.role = role;
  row.username = name;
  replica_.state().usernames.edit(name) = id;
  return id;
}

ProgramRun::Connect FakePlatform::connect() {
  return [this](const std::string&, std::chrono::milliseconds) {
    return Result<std::unique_ptr<cli::HttpClient>>(std::make_unique<Connection>(*this));
  };
}

std::vector<std::string> FakePlatform::posted_commands() const {
  std::vector<std::string> out;
  for (const auto& request : requests) {
    if (request.method == "POST") out.push_back(json::parse(request.body)["command"]);
  }
  return out;
}

Result<cli::HttpResponse> FakePlatform::send(const cli::HttpRequest& request) {
  requests.push_back(request);
  auto trouble = Trouble::none;
  if (!troubles.empty()) {
    trouble = troubles.front();
    troubles.pop_front();
  }
  const auto lost = fail(ErrorClass::unavailable, "unreachable", "api", "The connection broke.");
  switch (trouble) {
    case Trouble::none:
      return answer(request);
    case Trouble::unreachable:
      return lost;
    case Trouble::busy:
      return problem({ErrorClass::unavailable, "owner_unavailable", "", "Try again later."});
    case Trouble::answer_lost:
      answer(request);
      return lost;
  }
  return lost;
}

cli::HttpResponse FakePlatform::answer(const cli::HttpRequest& request) {
  if (!answer_with.empty()) return {200, answer_with};
  const auto& state = replica_.state();
  if (request.path == "/v1/ledger/head") {
    const auto& anchor = state.anchors.back();
    return {200, json{{"ledger_id", to_hex(state.ledger_id)},
                      {"anchor", {{"seq", anchor.event_seq}, {"head", to_hex(anchor.head.view())}}},
                      {"time", to_rfc3339(state.time)},
                      {"currencies",
                       {{{"code", "USD"}, {"decimals", 2}}, {{"code", "BTC"}, {"decimals", 8}}}}}
                     .dump()};
  }
  const std::string users = "/v1/users/";
  if (request.path.starts_with(users)) {
    const auto* id = state.usernames.find(ledger::lower_case(request.path.substr(users.size())));
    if (id == nullptr) {
      return problem({ErrorClass::not_found, "user_unknown", "username", "There is no such user."});
    }
    return {200, json{{"id", id->str()},
                      {"username", state.accounts.find(*id)->username},
                      {"role", "creator"},
                      {"verified", state.accounts.find(*id)->verified}}
                     .dump()};
  }
  if (request.method == "POST" && request.path == "/v1/staff/commands")
    return take_command(request.body);
  return problem({ErrorClass::not_found, "no_route", "", "There is nothing here."});
}

cli::HttpResponse FakePlatform::take_command(const std::string& body) {
  const auto posted = json::parse(body);
  const auto key = KeyId::parse(posted["key"].get<std::string>());
  const auto command_bytes = from_base64(posted["command"].get<std::string>());
  REQUIRE(key);
  REQUIRE(command_bytes);
  const auto command = events::decode<pb::StaffCommand>(*command_bytes);
  REQUIRE(command);
  // What is asked, without when and over which head it was signed.
  auto asked = *command;
  asked.clear_anchor_seq();
  asked.clear_anchor_head();
  asked.clear_expires_ms();
  ledger::Command draft;
  auto& origin = *draft.draft.mutable_origin();
  origin.set_caller_kind(pb::CALLER_KIND_STAFF);
  origin.set_caller(key->raw());
  origin.set_command_id(command->command_id());
  origin.set_command_mac(hmac_sha256("mac key", {events::encode(asked)}).str());
  origin.mutable_staff()->set_key(key->raw());
  origin.mutable_staff()->set_command(*command_bytes);
  origin.mutable_staff()->set_signature(*from_base64(posted["signature"].get<std::string>()));
  auto& state = replica_.state();
  auto decision = ledger::decide(state, draft, time_);
  if (!decision) return problem(decision.error());
  if (const auto* repeated = std::get_if<ledger::Repeated>(&*decision)) {
    return {200, json{{"event_seq", repeated->row.event_seq}, {"position", "L1"}}.dump()};
  }
  const auto seq = state.next_event_seq;
  ledger::apply(state, std::get<pb::LedgerEvent>(*decision), {seq, 1 + seq, 0, time_});
  return {201, json{{"event_seq", seq}, {"position", "L" + std::to_string(1 + seq)}}.dump()};
}

}  // namespace fl::test

#include "tests/api/house.hpp"

#include <doctest/doctest.h>

#include <future>

#include "api/data_folder.hpp"
#include "core/log/embedded_log.hpp"
#include "core/owner/clock.hpp"
#include "core/owner/genesis.hpp"
#include "core/owner/owner.hpp"
#include "core/secrets/keyring.hpp"
#include "core/secrets/random.hpp"
#include "projections/runner.hpp"

namespace fl::test {
namespace {

void begin(const std::filesystem::path& data) {
  secrets::SystemRandom random;
  REQUIRE(secrets::Keyring::create(data, random));
  auto log = log::EmbeddedLog::open(api::DataFolder(data).log(), api::embedded_streams());
  REQUIRE_MESSAGE(log, (log ? "" : log.error().message));
  REQUIRE(owner::write_genesis(
      **log, owner::default_genesis(std::string(16, 'L'), std::string(32, 'k'),
                                    std::string(32, 'c'), owner::SystemClock().now())));
  REQUIRE((*log)->close());
}

}  // namespace

House::House() {
  api::PlatformOptions options;
  options.data = dir.path();
  options.workers = false;
  begin(options.data);
  auto opened = api::Platform::open(options);
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
  platform = std::move(*opened);
}

AccountId House::fan(const std::string& name) {
  pb::LedgerEvent draft;
  auto& origin = *draft.mutable_origin();
  origin.set_caller_kind(pb::CALLER_KIND_VISITOR);
  origin.set_command_id("sign-up-" + name);
  origin.set_command_mac(sha256(name).str());
  const auto id = AccountId::from_digest(sha256(name));
  auto& body = *draft.mutable_account_opened();
  body.set_account(id.raw());
  body.set_role(pb::ROLE_FAN);
  body.set_username(name);
  body.set_email_index(sha256(name).str());
  body.mutable_email()->set_subject(id.raw());
  body.mutable_email()->set_nonce(std::string(12, 'n'));
  body.mutable_email()->set_ciphertext(std::string(40, 'c'));
  std::promise<owner::Outcome> reply;
  platform->owner.submit({std::move(draft)},
                         [&](owner::Outcome outcome) { reply.set_value(std::move(outcome)); });
  const auto outcome = reply.get_future().get();
  REQUIRE_MESSAGE(outcome, (outcome ? "" : outcome.error().message));
  const auto position =
      projections::PositionToken::just_after({log::Stream::ledger, 0, outcome->place.offset});
  REQUIRE(platform->runner.wait_for(position,
                                    std::chrono::steady_clock::now() + std::chrono::seconds(60)));
  return id;
}

}  // namespace fl::test

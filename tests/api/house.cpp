#include "tests/api/house.hpp"

#include <doctest/doctest.h>

#include <future>

#include "api/auth.hpp"
#include "api/data_folder.hpp"
#include "api/routes/routes.hpp"
#include "core/log/embedded_log.hpp"
#include "core/secrets/keyring.hpp"
#include "core/secrets/random.hpp"
#include "core/secrets/sessions.hpp"
#include "core/secrets/subject_keys.hpp"
#include "projections/runner.hpp"

namespace fl::test {

House::House(const std::function<void(PlatformWorld&)>& before,
             const std::function<void(api::PlatformOptions&)>& set) {
  secrets::SystemRandom random;
  REQUIRE(secrets::Keyring::create(dir.path() / "keys", random));
  {
    auto log = log::EmbeddedLog::open(api::DataFolder(dir.path()).log(), api::embedded_streams());
    REQUIRE_MESSAGE(log, (log ? "" : log.error().message));
    // The platform that comes after goes by the clock on the wall.
    PlatformWorld world(**log, SetClock({owner::SystemClock().now().ms - minutes(60).ms}));
    if (before) before(world);
    world.stop();
    REQUIRE((*log)->close());
  }
  api::PlatformOptions options;
  options.data = dir.path();
  options.roles.worker = false;
  if (set) set(options);
  auto opened = api::Platform::open(options);
  REQUIRE_MESSAGE(opened, (opened ? "" : opened.error().message));
  platform = std::move(*opened);
  settle();
}

House::~House() {
  if (server) server->stop();
  if (platform) platform->stop();
  server.reset();
}

void House::settle() {
  projections::PositionToken end;
  auto& log = platform->log;
  end.set(log::Stream::ledger, 0, log.end(log::Stream::ledger, 0).value());
  for (log::PartitionIndex p = 0; p < log.partitions(log::Stream::activity); ++p) {
    end.set(log::Stream::activity, p, log.end(log::Stream::activity, p).value());
  }
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  REQUIRE(platform->runner.wait_for(end, deadline));
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
  platform->gate.submit({std::move(draft)},
                        [&](owner::Outcome outcome) { reply.set_value(std::move(outcome)); });
  const auto outcome = reply.get_future().get();
  REQUIRE_MESSAGE(outcome, (outcome ? "" : outcome.error().message));
  settle();
  return id;
}

std::string House::log_in(const AccountId& account, Duration lifetime) {
  const auto token = platform->sessions.create(account, platform->clock.now(), lifetime);
  REQUIRE(token);
  REQUIRE(platform->subject_keys.ensure(account));
  return "Authorization: Bearer " + *token + "\r\n";
}

std::uint16_t House::serve(http::ServerOptions options) {
  options.authenticator = api::make_authenticator(*platform);
  auto started = http::Server::start(api::make_router(*platform), std::move(options));
  REQUIRE_MESSAGE(started, (started ? "" : started.error().message));
  server = std::move(*started);
  return server->port();
}

}  // namespace fl::test

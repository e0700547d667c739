#include "cli/bench/sandbox.hpp"

#include <fmt/format.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <random>

#include "core/events/signature.hpp"
#include "core/owner/genesis.hpp"
#include "projections/chain_reader.hpp"

namespace fl::cli {
namespace {

using Steady = std::chrono::steady_clock;

const std::string kAdminSeed(32, 'b');  // of a ledger that is thrown away
constexpr Amount kTip = 100;
constexpr Amount kDeposit = 10'000'000;

double seconds_since(Steady::time_point begin) {
  return std::chrono::duration<double>(Steady::now() - begin).count();
}

void set_origin(pb::LedgerEvent& draft, pb::CallerKind kind, std::string caller, std::string id) {
  auto* origin = draft.mutable_origin();
  origin->set_caller_kind(kind);
  origin->set_caller(std::move(caller));
  origin->set_command_mac(sha256(id).str());
  origin->set_command_id(std::move(id));
}

}  // namespace

Result<std::unique_ptr<Sandbox>> Sandbox::make(const std::filesystem::path& folder,
                                               std::size_t fans, std::size_t creators,
                                               bool read_models) {
  std::unique_ptr<Sandbox> sandbox(new Sandbox());
  auto name = (folder / "fanledger-bench-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) {
    return fail(ErrorClass::unavailable, "no_folder", "dir",
                folder.string() + ": no folder can be made here");
  }
  sandbox->folder_ = name;
  if (auto status = sandbox->open(fans, creators, read_models); !status) {
    return fail(status.error());
  }
  return sandbox;
}

Sandbox::~Sandbox() {
  owner_.reset();
  if (runner_) {
    runner_->stop();
    runner_->join();
  }
  runner_.reset();
  store_.reset();
  log_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

Status Sandbox::open(std::size_t fans, std::size_t creators, bool read_models) {
  auto log = log::EmbeddedLog::open(folder_ / "log", {{log::Stream::ledger, 1, false},
                                                      {log::Stream::activity, 1, false},
                                                      {log::Stream::jobs, 1, false},
                                                      {log::Stream::secrets, 1, true}});
  if (!log) return fail(log.error());
  log_ = std::move(*log);
  const auto admin = events::public_key_of(kAdminSeed);
  const auto genesis = owner::default_genesis(std::string(16, 'b'), admin, admin, clock_.now());
  if (auto status = owner::write_genesis(*log_, genesis); !status) return status;
  owner::OwnerOptions options;
  options.incarnation = std::string(16, 'i');
  options.max_queue = 1U << 22;
  auto owner = owner::Owner::start(*log_, nullptr, clock_, options);
  if (!owner) return fail(owner.error());
  owner_ = std::move(*owner);

  std::vector<ledger::Command> setup;
  for (std::size_t i = 0; i < fans + creators; ++i) {
    const auto account = derive_id<AccountId>("bench", "", std::to_string(i));
    (i < fans ? fans_ : creators_).push_back(account);
    pb::LedgerEvent draft;
    set_origin(draft, pb::CALLER_KIND_VISITOR, "", fmt::format("open-{}", i));
    auto* body = draft.mutable_account_opened();
    body->set_account(account.raw());
    body->set_role(i < fans ? pb::ROLE_FAN : pb::ROLE_CREATOR);
    body->set_username(fmt::format("user{}", i));
    body->set_email_index(sha256(std::to_string(i)).str());
    body->mutable_email()->set_subject(account.raw());
    body->mutable_email()->set_nonce(std::string(12, 'n'));
    body->mutable_email()->set_ciphertext(std::string(40, 'c'));
    setup.push_back({std::move(draft)});
  }
  run(std::move(setup));
  setup.clear();
  for (const auto& creator : creators_) {
    pb::StaffCommand command;
    command.mutable_verify_creator()->set_account(creator.raw());
    setup.push_back({staff_draft(std::move(command))});
  }
  for (const auto& fan : fans_) {
    pb::StaffCommand command;
    auto* deposit = command.mutable_deposit();
    deposit->set_account(fan.raw());
    deposit->set_amount(kDeposit);
    deposit->set_currency("USD");
    deposit->set_reference("bench");
    setup.push_back({staff_draft(std::move(command))});
  }
  if (const auto timing = run(std::move(setup)); timing.refused > 0) {
    return fail(ErrorClass::unavailable, "setup_refused", "", "The sandbox cannot be filled.");
  }
  if (!read_models) return {};
  const auto names = models_.names();
  auto store = projections::Store::open(folder_ / "views", names);
  if (!store) return fail(store.error());
  store_ = std::move(*store);
  auto runner =
      projections::Runner::open(*store_, *log_, models_.all(), projections::open_chain_reader);
  if (!runner) return fail(runner.error());
  runner_ = std::move(*runner);
  log_->set_listener([this](log::Stream, log::PartitionIndex, log::Offset) { runner_->notify(); });
  runner_->start();
  run({});  // catches up with the setup
  return {};
}

pb::LedgerEvent Sandbox::staff_draft(pb::StaffCommand command) {
  const auto head = owner_->head();
  const auto key = events::key_id_of(events::public_key_of(kAdminSeed));
  command.set_ledger_id(head.ledger_id);
  command.set_anchor_seq(head.anchor.event_seq);
  command.set_anchor_head(head.anchor.head.str());
  command.set_expires_ms((clock_.now() + minutes(9)).ms);
  command.set_command_id(fmt::format("staff-{}", next_command_++));
  pb::LedgerEvent draft;
  set_origin(draft, pb::CALLER_KIND_STAFF, key.raw(), command.command_id());
  auto* proof = draft.mutable_origin()->mutable_staff();
  proof->set_key(key.raw());
  proof->set_command(events::encode(command));
  proof->set_signature(events::sign(kAdminSeed, events::kStaffCommandDomain, proof->command()));
  return draft;
}

std::vector<ledger::Command> Sandbox::tips(std::size_t count) {
  std::mt19937_64 random(42);  // the same load in every run
  std::vector<ledger::Command> commands;
  commands.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const auto& fan = fans_[random() % fans_.size()];
    const auto& creator = creators_[random() % creators_.size()];
    const auto id = fmt::format("tip-{}", next_command_++);
    pb::LedgerEvent draft;
    set_origin(draft, pb::CALLER_KIND_ACCOUNT, fan.raw(), id);
    auto* body = draft.mutable_tipped();
    body->set_entry(derive_id<EntryId>("tip", fan.view(), id).raw());
    body->set_from(fan.raw());
    body->set_to(creator.raw());
    body->mutable_amount()->set_amount(kTip);
    body->mutable_amount()->set_currency("USD");
    commands.push_back({std::move(draft)});
  }
  return commands;
}

Sandbox::Timing Sandbox::run(std::vector<ledger::Command> commands) {
  std::mutex mutex;
  std::condition_variable done;
  std::size_t left = commands.size();
  std::atomic<std::size_t> refused = 0;
  const auto begin = Steady::now();
  for (auto& command : commands) {
    owner_->submit(std::move(command), [&](owner::Outcome outcome) {
      if (!outcome) ++refused;
      std::lock_guard lock(mutex);
      if (--left == 0) done.notify_one();
    });
  }
  {
    std::unique_lock lock(mutex);
    done.wait(lock, [&] { return left == 0; });
  }
  Timing timing;
  timing.accepted_seconds = seconds_since(begin);
  timing.refused = refused;
  if (runner_) {
    projections::PositionToken token;
    token.set(log::Stream::ledger, 0, owner_->head().next_offset);
    if (runner_->wait_for(token, Steady::now() + std::chrono::minutes(10))) {
      timing.applied_seconds = seconds_since(begin);
    }
  }
  return timing;
}

}  // namespace fl::cli

#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>

#include "core/ledger/state_codec.hpp"
#include "core/owner/genesis.hpp"
#include "core/owner/owner.hpp"
#include "tests/ledger/world.hpp"
#include "tests/support/faulty_log.hpp"

namespace fl::test {

/// A clock that a test sets. Both hands move together unless told otherwise.
class HandClock : public owner::Clock {
 public:
  Instant now() const override { return {wall_}; }
  Duration monotonic() const override { return {monotonic_}; }
  void pass(Duration by) {
    wall_ += by.ms;
    monotonic_ += by.ms;
  }
  void set_wall(Instant at) { wall_ = at.ms; }

 private:
  std::atomic<std::int64_t> wall_ = kGenesisTime.ms;
  std::atomic<std::int64_t> monotonic_ = 0;
};

/// Holds appends to the ledger back until a test lets them go.
class Gate {
 public:
  /// Every append from now on waits here.
  void attach(FaultyLog& log) {
    log.on_append([this](log::Stream) { pass(); });
  }
  void shut() {
    std::lock_guard lock(mutex_);
    open_ = false;
  }
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// Blocks until an append waits: what is submitted from now on waits behind it.
  void await_waiting() {
    std::unique_lock lock(mutex_);
    REQUIRE(changed_.wait_for(lock, std::chrono::seconds(30), [&] { return waiting_ > 0; }));
  }

 private:
  void pass() {
    std::unique_lock lock(mutex_);
    ++waiting_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return open_; });
    --waiting_;
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = true;
  int waiting_ = 0;
};

using Pending = std::future<owner::Outcome>;

inline Pending submit(owner::Owner& owner, pb::LedgerEvent command,
                      owner::Owner::Deadline deadline = owner::Owner::Deadline::max()) {
  auto promise = std::make_shared<std::promise<owner::Outcome>>();
  auto pending = promise->get_future();
  owner.submit(
      {std::move(command)},
      [promise](owner::Outcome outcome) { promise->set_value(std::move(outcome)); }, deadline);
  return pending;
}
inline bool answered(Pending& pending) {
  return pending.wait_for(std::chrono::seconds(0)) == std::future_status::ready;
}
inline owner::Outcome result_of(Pending pending) {
  REQUIRE(pending.wait_for(std::chrono::seconds(30)) == std::future_status::ready);
  return pending.get();
}
inline owner::Outcome run(owner::Owner& owner, pb::LedgerEvent command) {
  return result_of(submit(owner, std::move(command)));
}

/// A log with a ledger, and owners that come and go.
class House {
 public:
  House() { REQUIRE(owner::write_genesis(log, test_genesis())); }

  Result<std::unique_ptr<owner::Owner>> try_start(owner::SnapshotStore* snapshots = nullptr) {
    auto mine = options;
    mine.incarnation = sha256({"incarnation", std::to_string(starts_++)}).str().substr(0, 16);
    return owner::Owner::start(log, snapshots, clock, mine);
  }
  std::unique_ptr<owner::Owner> start(owner::SnapshotStore* snapshots = nullptr) {
    auto owner = try_start(snapshots);
    if (!owner) FAIL(owner.error().message);
    return std::move(*owner);
  }

  /// What a reader of the log makes of it. Every record must be fit to be read.
  ledger::Replica replica() {
    ledger::Replica out;
    const auto records = log.read(log::Stream::ledger, 0, 0, 1'000'000, 1 << 30).value();
    for (const auto& record : records) {
      const auto fed = out.feed(record.offset, record.value);
      if (!fed) FAIL(fed.error().message);
      CHECK(fed->verdict != events::Verdict::void_record);
    }
    return out;
  }
  Digest digest() { return ledger::state_digest(replica().state()); }
  std::size_t records() { return log.end(log::Stream::ledger, 0).value(); }
  pb::LedgerRecord record(log::Offset at) {
    pb::LedgerRecord out;
    REQUIRE(events::decode(log.read(log::Stream::ledger, 0, at, 1, 1).value().at(0).value, out));
    return out;
  }

  /// A staff command over the head that this owner shows.
  pb::LedgerEvent deposit(const owner::Owner& owner, std::string_view to, const Money& amount,
                          std::string_view id) const {
    auto order = ordered(owner, id);
    order.mutable_deposit()->set_account(account(to).raw());
    order.mutable_deposit()->set_amount(amount.amount);
    order.mutable_deposit()->set_currency(std::string(amount.currency.code()));
    order.mutable_deposit()->set_reference("bank transfer");
    return World::signed_by("root", order);
  }
  pb::LedgerEvent verify(const owner::Owner& owner, std::string_view who) const {
    auto order = ordered(owner, std::string("verify ") + std::string(who));
    order.mutable_verify_creator()->set_account(account(who).raw());
    return World::signed_by("root", order);
  }
  /// Ann, a verified creator with one premium post at 5.00, and Bob with 20.00.
  void furnish(owner::Owner& owner) const {
    for (const auto& command :
         {draft::open("ann", pb::ROLE_CREATOR), draft::open("bob", pb::ROLE_FAN),
          verify(owner, "ann"), draft::register_media("clip", "ann"),
          draft::publish("clip", "ann", usd(500)), deposit(owner, "bob", usd(2'000), "first")}) {
      const auto outcome = run(owner, command);
      if (!outcome) FAIL(outcome.error().message);
    }
  }

  FaultyLog log;
  HandClock clock;
  owner::OwnerOptions options;

 private:
  pb::StaffCommand ordered(const owner::Owner& owner, std::string_view id) const {
    const auto head = owner.head();
    pb::StaffCommand order;
    order.set_ledger_id(head.ledger_id);
    order.set_anchor_seq(head.anchor.event_seq);
    order.set_anchor_head(head.anchor.head.str());
    order.set_expires_ms((clock.now() + minutes(5)).ms);
    order.set_command_id(std::string(id));
    return order;
  }
  int starts_ = 0;
};

}  // namespace fl::test

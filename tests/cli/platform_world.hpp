#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/activity/act.hpp"
#include "core/ledger/decide.hpp"
#include "core/owner/genesis.hpp"
#include "core/owner/owner.hpp"

namespace fl::test {

/// A clock that moves when it is told to.
class SetClock : public owner::Clock {
 public:
  explicit SetClock(Instant start = Instant{1'770'000'000'000}) : start_(start) {}
  Instant now() const override { return {start_.ms + elapsed_}; }
  Duration monotonic() const override { return {elapsed_}; }
  void advance(Duration by) { elapsed_ += by.ms; }

 private:
  Instant start_;
  std::int64_t elapsed_ = 0;
};

inline const std::string kAdminSeed(32, 'A');
inline const std::string kLedgerId(16, 'L');

/// A small platform on a real owner: the people and deeds of a test, written to a log.
class PlatformWorld {
 public:
  /// On an empty log; `snapshots` are not used.
  explicit PlatformWorld(log::Log& log, SetClock from = SetClock());

  SetClock clock;

  AccountId account(const std::string& name, pb::Role role);
  AccountId fan(const std::string& name) { return account(name, pb::ROLE_FAN); }
  /// Verified, with a subscription price in cents.
  AccountId creator(const std::string& name, Amount price_cents);
  void deposit(const AccountId& to, Amount cents);
  PostId post(const AccountId& author, std::optional<Amount> price_cents);
  void delete_post(const AccountId& author, const PostId& post);
  void purchase(const AccountId& buyer, const PostId& post, Amount cents);
  void subscribe(const AccountId& fan, const AccountId& creator, Amount cents);
  void tip(const AccountId& from, const AccountId& to, Amount cents);
  void staff(const std::function<void(pb::StaffCommand&)>& fill);
  /// The owner ends and another takes over, by a fence of its own.
  void take_over();
  void stop() { owner_->stop(); }

  /// Appends an event of activity, checked at the ledger's end unless it says otherwise. Gives its
  /// partition and offset.
  struct At {
    log::PartitionIndex partition = 0;
    log::Offset offset = 0;
  };
  At like(const AccountId& by, const PostId& post);
  At comment(const AccountId& by, const PostId& post, const CommentId& id);
  At delete_comment(const AccountId& by, const PostId& post, const CommentId& id);
  At message(const AccountId& from, const AccountId& to);
  At append(pb::ActivityEvent event);
  pb::ActivityEvent act(const AccountId& actor, std::string_view about);
  std::uint64_t ledger_end();

  /// A command of an account's, with a fresh id.
  pb::LedgerEvent draft(const AccountId& caller);
  void submit(pb::LedgerEvent draft);

 private:
  std::string fresh_id() { return "cmd-" + std::to_string(++last_id_); }
  std::string raw_id() { return sha256(fresh_id()).str().substr(0, 16); }
  void start();

  log::Log& log_;
  std::unique_ptr<owner::Owner> owner_;
  std::uint64_t last_id_ = 0;
  int incarnation_ = 0;
};

}  // namespace fl::test

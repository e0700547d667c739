#include "core/owner/owner.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <utility>

#include "core/base/assert.hpp"
#include "core/owner/fence.hpp"

namespace fl::owner {
namespace {

constexpr std::size_t kReadBytes = 8 << 20;
constexpr auto kClockLook = std::chrono::seconds(1);

}  // namespace

Result<std::unique_ptr<Owner>> Owner::start(log::Log& log, SnapshotStore* snapshots,
                                            const Clock& clock, OwnerOptions options,
                                            const Progress& progress) {
  FL_ASSERT(options.incarnation.size() == 16);
  auto recovered = recover(log, snapshots, progress);
  if (!recovered) return fail(recovered.error());
  if (auto s = ClockGuard::check_start(recovered->replica->state().time, clock.now()); !s) {
    return fail(s.error());
  }
  std::unique_ptr<Owner> owner(
      new Owner(log, snapshots, clock, std::move(options), std::move(*recovered)));
  if (auto status = owner->take_over(); !status) return fail(status.error());
  owner->publish_head();
  owner->thread_ = std::thread([raw = owner.get()] { raw->run(); });
  return owner;
}

Owner::Owner(log::Log& log, SnapshotStore* snapshots, const Clock& clock, OwnerOptions options,
             Recovered recovered)
    : log_(log),
      snapshots_(snapshots),
      clock_(clock),
      options_(std::move(options)),
      replica_(std::move(recovered.replica)),
      genesis_(replica_->state().genesis),
      last_record_(recovered.last_record),
      guard_(replica_->state().time, clock.now(), clock.monotonic()),
      snapshot_seq_(recovered.replayed > 0 ? 0 : replica_->state().next_event_seq) {}

Owner::~Owner() {
  stop();
}

Status Owner::take_over() {
  auto fence = make_fence(replica_->chain(), {options_.owner_id, options_.owner_url},
                          options_.incarnation, nonce_++, clock_.now());
  return fence ? append(*fence) : Status(fail(fence.error()));
}

void Owner::submit(ledger::Command command, Reply reply, Deadline deadline) {
  {
    std::lock_guard lock(mutex_);
    if (health_ && !stopping_ && queue_.size() < options_.max_queue) {
      queue_.push_back({std::move(command), std::move(reply), deadline});
      if (queue_.size() == 1) wake_.notify_one();
      return;
    }
  }
  reply(owner_unavailable());
}

void Owner::run() {
  while (true) {
    std::vector<Waiting> taken;
    {
      std::unique_lock lock(mutex_);
      while (!wake_.wait_for(lock, kClockLook, [&] { return stopping_ || !queue_.empty(); })) {
        // Also when there is nothing to decide: a slow correction of the clock is no jump.
        static_cast<void>(guard_.next(clock_.now(), clock_.monotonic()));
      }
      if (queue_.empty()) break;
      taken.swap(queue_);
    }
    // What came while the last append was under way is the next batch, cut to size.
    for (std::size_t from = 0; from < taken.size(); from += options_.max_batch_events) {
      const auto to = std::min(taken.size(), from + options_.max_batch_events);
      process({std::make_move_iterator(taken.begin() + static_cast<std::ptrdiff_t>(from)),
               std::make_move_iterator(taken.begin() + static_cast<std::ptrdiff_t>(to))});
    }
    maybe_snapshot(false);
  }
  maybe_snapshot(true);
}

void Owner::process(std::vector<Waiting> commands) {
  std::size_t next = 0;
  while (next < commands.size()) {
    auto time = health() ? guard_.next(clock_.now(), clock_.monotonic()) : fail(health().error());
    if (!time) {
      for (; next < commands.size(); ++next) {
        // A jump of the clock refuses; a broken log leaves open what became of it. Neither decided.
        commands[next].reply(fail(time.error()));
      }
      return;
    }
    BatchMaker batch(*replica_, *time);
    std::vector<std::pair<std::size_t, Outcome>> outcomes;
    const auto now = std::chrono::steady_clock::now();
    for (; next < commands.size() && batch.bytes() < options_.max_batch_bytes; ++next) {
      if (commands[next].deadline < now) {
        outcomes.emplace_back(next, deadline_passed());
        continue;
      }
      outcomes.emplace_back(next, decide_one(std::move(commands[next].command), batch));
    }
    const auto appended = batch.events() == 0 ? Status{} : append_batch(batch, *time);
    for (auto& [index, outcome] : outcomes) {
      commands[index].reply(appended ? std::move(outcome) : Outcome(unknown_outcome()));
    }
  }
}

Outcome Owner::decide_one(ledger::Command command, BatchMaker& batch) {
  auto decided = batch.decide(std::move(command));
  if (!decided) return fail(decided.error());
  if (auto* accepted = std::get_if<Accepted>(&*decided)) return std::move(*accepted);
  const auto& row = std::get<ledger::CommandRow>(*decided);
  auto records = log_.read(log::Stream::ledger, 0, row.offset, 1, kReadBytes);
  if (!records) return fail(records.error());
  pb::LedgerRecord record;
  if (records->empty() || !events::decode(records->front().value, record)) {
    return fail(ErrorClass::unavailable, "log_damaged", "ledger",
                fmt::format("record {} cannot be read", row.offset));
  }
  return repeated_in(record, row);
}

Status Owner::append_batch(BatchMaker& batch, Instant time) {
  if (auto status = append(batch.finish(options_.incarnation, nonce_++)); !status) {
    fail_for_good(status.error());
    return status;
  }
  ledger::apply_batch_end(replica_->state(), time, replica_->chain().head);
  publish_head();
  return {};
}

Status Owner::append(const pb::LedgerRecord& record) {
  const log::NewRecord stored{"", events::encode(record)};
  auto offset = log_.append(log::Stream::ledger, 0, {&stored, 1});
  if (!offset) return fail(offset.error());
  // Acknowledged is only what is known valid where it stands. On an exclusive log nothing can come
  // between; if something did, this process must not go on.
  if (*offset != replica_->chain().next_offset ||
      !events::advance_over_own(replica_->chain(), record, stored.value)) {
    return fail(ErrorClass::unavailable, "not_exclusive", "ledger",
                fmt::format("somebody else wrote to the ledger before record {}", *offset));
  }
  last_record_ = sha256(stored.value);
  return {};
}

void Owner::maybe_snapshot(bool now) {
  const auto seq = replica_->state().next_event_seq;
  if (snapshots_ == nullptr || !health()) return;
  if (!now && seq - snapshot_seq_ < options_.snapshot_every_events) return;
  if (auto status = snapshots_->save(replica_->state(), replica_->chain(), last_record_); !status) {
    // The log holds everything, but the disk is full or broken, and what changed has been taken out
    // of the state: a later save would hold a part. The next start goes on from the one before.
    return fail_for_good(status.error());
  }
  snapshot_seq_ = seq;
}

void Owner::publish_head() {
  const auto& state = replica_->state();
  const auto& chain = replica_->chain();
  std::lock_guard lock(mutex_);
  head_ = {state.ledger_id,      state.anchors.back(), chain.next_offset,
           chain.next_event_seq, chain.head,           state.time};
}

LedgerHead Owner::head() const {
  std::lock_guard lock(mutex_);
  return head_;
}

Status Owner::health() const {
  std::lock_guard lock(mutex_);
  return health_;
}

void Owner::on_failure(std::function<void(const Error&)> callback) {
  std::lock_guard lock(mutex_);
  failure_callback_ = std::move(callback);
}

void Owner::fail_for_good(const Error& error) {
  std::vector<Waiting> dropped;
  std::function<void(const Error&)> callback;
  {
    std::lock_guard lock(mutex_);
    health_ = fail(error);
    dropped.swap(queue_);
    callback = failure_callback_;
  }
  spdlog::critical(fmt::format("the owner of the ledger ends: {}", error.message));
  for (auto& waiting : dropped) waiting.reply(unknown_outcome());
  if (callback) callback(error);
}

void Owner::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

}  // namespace fl::owner

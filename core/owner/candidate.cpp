#include "core/owner/candidate.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/base/assert.hpp"

namespace fl::owner {
namespace {

constexpr int kMostDoublings = 6;

Duration later(Duration at, Duration by) {
  return {at.ms + by.ms};
}

}  // namespace

Candidate::Candidate(Journal& journal, const Clock& clock, Random random, Restore restore,
                     CandidateOptions options)
    : journal_(journal),
      clock_(clock),
      random_(std::move(random)),
      restore_(std::move(restore)),
      options_(std::move(options)) {}

Status Candidate::halt(const Error& error) {
  if (health_) {
    health_ = fail(error);
    stop();
  }
  return health_;
}

void Candidate::stop() {
  phase_ = Phase::following;
  may_try_ = false;
  for (auto& flight : in_flight_) unresolved_.add(std::move(flight));
  in_flight_.clear();
  unresolved_.give_up();
  refuse_queue(owner_unavailable());
}

Status Candidate::begin() {
  auto restored = restore_();
  if (!restored) return halt(restored.error());
  replica_ = std::move(*restored);
  confirmed_ = replica_->chain();
  if (!replica_->state().anchors.empty()) anchor_ = replica_->state().anchors.back();
  snapshot_seq_ = replica_->state().next_event_seq;
  return {};
}

log::Offset Candidate::wanted() const {
  return phase_ == Phase::serving ? confirmed_.next_offset : replica_->chain().next_offset;
}

LedgerHead Candidate::head() const {
  return {confirmed_.ledger_id,      anchor_,         confirmed_.next_offset,
          confirmed_.next_event_seq, confirmed_.head, confirmed_.time};
}

// ---- what the log holds ----

Status Candidate::take(log::Offset offset, std::string_view stored) {
  if (!health_ || offset < wanted()) return health_;
  return phase_ == Phase::serving ? confirm(offset, stored) : follow(offset, stored);
}

Status Candidate::follow(log::Offset offset, std::string_view stored) {
  const bool is_new = replica_->chain().next_offset == confirmed_.next_offset;
  auto fed = replica_->feed(offset, stored);
  if (!fed) return halt(fed.error());
  last_record_ = sha256(stored);
  if (!is_new) return {};  // once more, by a state that is folded anew
  confirmed_ = replica_->chain();
  if (!replica_->state().anchors.empty()) anchor_ = replica_->state().anchors.back();
  saw(fed->verdict, fed->record, offset, stored);
  return {};
}

Status Candidate::confirm(log::Offset offset, std::string_view stored) {
  // Own is this very record, at the very place that the decisions after it rest on.
  if (!in_flight_.empty() && in_flight_.front().offset == offset &&
      in_flight_.front().stored == stored) {
    auto flight = std::move(in_flight_.front());
    in_flight_.pop_front();
    if (!events::advance_over_own(confirmed_, flight.record, stored)) {
      flight.release_unknown();
      return halt({ErrorClass::unavailable, "ledger_halt", "ledger",
                   "a batch of ours is void at the place that it was decided for"});
    }
    anchor_ = flight.anchor;
    last_record_ = sha256(stored);
    flight.release();
    return {};
  }
  if (in_flight_.empty()) return follow(offset, stored);  // nothing rests on what comes next
  // Somebody else's, or ours without the one before it: the state that is ahead is not the log's.
  if (auto status = step_down(); !status) return status;
  auto reading = events::read_record(confirmed_, offset, stored);
  if (!reading) return halt(reading.error());
  saw(reading->verdict, reading->record, offset, stored);
  return {};
}

void Candidate::deposed() {
  stop_serving();
  retry_at_ = later(clock_.monotonic(), options_.deposed_pause);
}

void Candidate::saw(events::Verdict verdict, const pb::LedgerRecord& record, log::Offset offset,
                    std::string_view stored) {
  switch (verdict) {
    case events::Verdict::genesis:
      return;
    case events::Verdict::batch:
      if (phase_ == Phase::serving) stop_serving();  // somebody decides in our name
      unresolved_.saw(stored, offset, true);
      return;
    case events::Verdict::fence:
      saw_fence(true, record.fence(), stored);
      return;
    case events::Verdict::void_record:
      unresolved_.saw(stored, offset, false);
      saw_fence(false, record.fence(), stored);
      return;
  }
}

void Candidate::saw_fence(bool valid, const pb::Fence& fence, std::string_view stored) {
  const bool ours = phase_ == Phase::fencing && stored == fence_;
  if (valid) {
    // Every batch of an earlier epoch that is not in the log by now is void wherever it comes.
    unresolved_.give_up();
    owner_ = {fence.owner_id(), fence.owner_url()};
    if (ours) return serve();
    const bool lost = phase_ == Phase::fencing || served_;
    served_ = false;
    if (!lost) return;
    // One of ours that was given up made nobody else the owner, who would have to be let be.
    return fence.owner_id() == options_.name.id ? fence_failed() : deposed();
  }
  if (ours) fence_failed();
}

void Candidate::stop_serving() {
  if (phase_ == Phase::serving) spdlog::warn("this node does not own the ledger any more");
  phase_ = Phase::following;
  for (auto& flight : in_flight_) unresolved_.add(std::move(flight));
  in_flight_.clear();
  refuse_queue(owner_unavailable());
  retry_at_ = clock_.monotonic();
}

Status Candidate::step_down() {
  stop_serving();
  auto restored = restore_();
  if (!restored) return halt(restored.error());
  replica_ = std::move(*restored);
  snapshot_seq_ = replica_->state().next_event_seq;
  return {};
}

Status Candidate::appended(Ticket ticket, const Result<std::optional<log::Offset>>& where) {
  if (!health_) return health_;
  if (phase_ == Phase::fencing && ticket == fence_ticket_ && !where) {
    fence_failed();
    return {};
  }
  if (phase_ != Phase::serving) return {};
  const auto found = std::ranges::find(in_flight_, ticket, &InFlight::ticket);
  if (found == in_flight_.end()) return {};
  if (!where) return step_down();
  // The report alone proves nothing, unless it names the next record: then there is no gap.
  if (*where && **where == confirmed_.next_offset && found == in_flight_.begin()) {
    const auto stored = found->stored;
    return take(**where, stored);
  }
  return {};
}

// ---- fences ----

void Candidate::may_try(bool may) {
  if (may && !may_try_) retry_at_ = clock_.monotonic();
  may_try_ = may;
}

void Candidate::fence() {
  incarnation_ = random_(16);
  nonce_ = 0;
  auto record = make_fence(confirmed_, options_.name, incarnation_, nonce_++, clock_.now());
  if (!record) {
    static_cast<void>(halt(record.error()));
    return;
  }
  fence_ = events::encode(*record);
  fence_sent_ = clock_.monotonic();
  fence_ticket_ = next_ticket_++;
  phase_ = Phase::fencing;
  journal_.append(fence_ticket_, fence_);
}

void Candidate::fence_failed() {
  phase_ = Phase::following;
  // Two that fence each other in step would go on for ever: each waits for a time of its own.
  const auto longest = options_.back_off.ms << std::min(failed_fences_++, kMostDoublings);
  std::int64_t drawn = 0;
  for (const char c : random_(4)) drawn = drawn << 8 | static_cast<unsigned char>(c);
  retry_at_ = later(clock_.monotonic(), {1 + drawn % std::max<std::int64_t>(longest, 1)});
}

void Candidate::serve() {
  phase_ = Phase::serving;
  served_ = true;
  failed_fences_ = 0;
  guard_.emplace(replica_->state().time, clock_.now(), clock_.monotonic());
  spdlog::info("this node owns the ledger now");
}

// ---- commands ----

void Candidate::submit(ledger::Command command, Reply reply, Deadline deadline) {
  if (phase_ != Phase::serving || queue_.size() >= options_.max_queue) {
    return reply(owner_unavailable());
  }
  queue_.push_back({std::move(command), std::move(reply), deadline});
}

void Candidate::refuse_queue(const Failure& why) {
  for (auto& waiting : std::exchange(queue_, {})) waiting.reply(why);
}

Status Candidate::step(std::chrono::steady_clock::time_point now) {
  if (!health_) return health_;
  const auto time = clock_.monotonic();
  const auto given_up = Duration{time.ms - options_.confirm_patience.ms};
  if (phase_ == Phase::serving && !in_flight_.empty() && in_flight_.front().sent < given_up) {
    if (auto status = step_down(); !status) return status;
  }
  unresolved_.give_up_before(given_up);
  if (phase_ == Phase::fencing && fence_sent_ < given_up) fence_failed();
  if (phase_ == Phase::following && may_try_ && has_read_everything() &&
      confirmed_.next_offset > 0 && wanted() == confirmed_.next_offset && time >= retry_at_ &&
      ClockGuard::check_start(confirmed_.time, clock_.now())) {
    fence();
  }
  // Also when there is nothing to decide: a slow correction of the clock is no jump.
  if (phase_ == Phase::serving) static_cast<void>(guard_->next(clock_.now(), time));
  while (phase_ == Phase::serving && !queue_.empty() && !snapshot_due() &&
         in_flight_.size() < options_.max_in_flight) {
    decide(now);
  }
  return health_;
}

void Candidate::decide(std::chrono::steady_clock::time_point now) {
  const auto time = guard_->next(clock_.now(), clock_.monotonic());
  if (!time) return refuse_queue(fail(time.error()));  // nothing was decided
  InFlight flight;
  flight.offset = replica_->chain().next_offset;
  BatchMaker batch(*replica_, *time);
  for (std::size_t n = 0;
       !queue_.empty() && n < options_.max_batch_events && batch.bytes() < options_.max_batch_bytes;
       ++n) {
    auto waiting = std::move(queue_.front());
    queue_.pop_front();
    if (waiting.deadline < now) {
      waiting.reply(deadline_passed());
      continue;
    }
    auto decided = batch.decide(std::move(waiting.command));
    if (!decided) {
      // It may rest on what is only in flight, or on a log that went on without us.
      flight.answers.emplace_back(std::move(waiting.reply), fail(decided.error()));
    } else if (auto* accepted = std::get_if<Accepted>(&*decided)) {
      flight.answers.emplace_back(std::move(waiting.reply), std::move(*accepted));
    } else if (auto& row = std::get<ledger::CommandRow>(*decided);
               row.offset < confirmed_.next_offset) {
      waiting.reply(repeated(row));  // a success that the log holds stays one
    } else {
      flight.answers.emplace_back(std::move(waiting.reply), repeated(row));
    }
  }
  if (flight.answers.empty()) return;
  flight.record = batch.finish(incarnation_, nonce_++);
  flight.stored = events::encode(flight.record);
  FL_ASSERT(events::advance_over_own(replica_->chain(), flight.record, flight.stored));
  ledger::apply_batch_end(replica_->state(), *time, replica_->chain().head);
  flight.anchor = replica_->state().anchors.back();
  flight.ticket = next_ticket_++;
  flight.sent = clock_.monotonic();
  in_flight_.push_back(std::move(flight));
  journal_.append(in_flight_.back().ticket, in_flight_.back().stored);
}

Outcome Candidate::repeated(const ledger::CommandRow& row) const {
  const auto found = std::ranges::find(in_flight_, row.offset, &InFlight::offset);
  if (found != in_flight_.end()) return repeated_in(found->record, row);
  auto stored = journal_.read(row.offset);
  if (!stored) return fail(stored.error());
  pb::LedgerRecord record;
  if (!events::decode(*stored, record)) {
    return fail(ErrorClass::unavailable, "log_damaged", "ledger", "a record cannot be read again");
  }
  return repeated_in(record, row);
}

// ---- snapshots ----

bool Candidate::snapshot_due() const {
  return confirmed_.next_event_seq - snapshot_seq_ >= options_.snapshot_every_events;
}

bool Candidate::snapshot_ready() const {
  return health_ && snapshot_due() && in_flight_.empty() &&
         replica_->chain().next_offset == confirmed_.next_offset;
}

void Candidate::snapshot_saved() {
  snapshot_seq_ = confirmed_.next_event_seq;
}

}  // namespace fl::owner

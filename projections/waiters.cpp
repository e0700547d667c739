#include "projections/waiters.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace fl::projections {
namespace {

Failure too_many() {
  return fail(ErrorClass::unavailable, "too_many_waiters", "min_position",
              "Too many requests wait for a position already.");
}

}  // namespace

PositionToken Waiters::applied() const {
  const std::scoped_lock lock(mutex_);
  return applied_;
}

void Waiters::publish(const PositionToken& applied) {
  std::vector<Done> reached;
  {
    const std::scoped_lock lock(mutex_);
    applied_ = applied;
    for (auto at = waiting_.begin(); at != waiting_.end();) {
      if (at->second.token.covered_by(applied_)) {
        reached.push_back(std::move(at->second.done));
        at = waiting_.erase(at);
      } else {
        ++at;
      }
    }
  }
  changed_.notify_all();
  for (const auto& done : reached) done({});
}

void Waiters::end(const Error& why) {
  std::map<Ticket, Waiter> left;
  {
    const std::scoped_lock lock(mutex_);
    if (ended_) ended_ = fail(why);
    left.swap(waiting_);
  }
  changed_.notify_all();
  for (const auto& [ticket, waiter] : left) waiter.done(fail(why));
}

Status Waiters::wait_for(const PositionToken& token,
                         std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  if (token.covered_by(applied_)) return {};
  if (!ended_) return ended_;
  if (waiting_.size() + blocked_ >= max_) return too_many();
  ++blocked_;
  changed_.wait_until(lock, deadline,
                      [&] { return token.covered_by(applied_) || !ended_.has_value(); });
  --blocked_;
  if (token.covered_by(applied_)) return {};
  if (!ended_) return ended_;
  return fail(ErrorClass::retry, "position_not_reached", "min_position",
              "This node has not yet read as far as that.");
}

Waiters::Ticket Waiters::when_reached(const PositionToken& token, Done done) {
  std::optional<Status> now;
  Ticket ticket = 0;
  {
    const std::scoped_lock lock(mutex_);
    ticket = next_ticket_++;
    if (token.covered_by(applied_)) {
      now.emplace();
    } else if (!ended_) {
      now = ended_;
    } else if (waiting_.size() + blocked_ >= max_) {
      now = too_many();
    } else {
      waiting_.emplace(ticket, Waiter{token, std::move(done)});
    }
  }
  if (now) done(*now);
  return ticket;
}

bool Waiters::cancel(Ticket ticket) {
  const std::scoped_lock lock(mutex_);
  return waiting_.erase(ticket) > 0;
}

}  // namespace fl::projections

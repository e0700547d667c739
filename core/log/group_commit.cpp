#include "core/log/group_commit.hpp"

namespace fl::log {

GroupCommit::GroupCommit(std::size_t group_bytes, Writer writer)
    : group_bytes_(group_bytes), writer_(std::move(writer)) {}

std::vector<GroupCommit::Waiter*> GroupCommit::take_group() {
  std::vector<Waiter*> group;
  std::size_t bytes = 0;
  do {
    bytes += queue_.front()->write->bytes;
    group.push_back(queue_.front());
    queue_.pop_front();
  } while (!queue_.empty() && bytes + queue_.front()->write->bytes <= group_bytes_);
  return group;
}

void GroupCommit::fail_all(const Error& why) {
  if (state_) state_ = fail(why);
  for (auto* waiter : queue_) {
    waiter->done = true;
    waiter->result = state_;
    waiter->ready.notify_one();
  }
  queue_.clear();
}

Status GroupCommit::submit(Write& write) {
  Waiter self{&write, {}, false, {}};
  std::unique_lock lock(mutex_);
  if (!state_) return state_;
  queue_.push_back(&self);
  self.ready.wait(lock, [&] { return self.done || (!writing_ && queue_.front() == &self); });
  if (self.done) return self.result;

  writing_ = true;
  const auto group = take_group();
  lock.unlock();
  std::vector<Write*> writes;
  writes.reserve(group.size());
  for (const auto* waiter : group) writes.push_back(waiter->write);
  auto result = writer_(writes);
  lock.lock();
  writing_ = false;
  // Waiters leave only once they hold the mutex, so each stands until it is notified.
  for (auto* waiter : group) {
    if (waiter == &self) continue;
    waiter->done = true;
    waiter->result = result;
    waiter->ready.notify_one();
  }
  if (!result)
    fail_all(result.error());
  else if (!queue_.empty())
    queue_.front()->ready.notify_one();
  idle_.notify_all();
  return result;
}

bool GroupCommit::refuse(const Error& why) {
  std::unique_lock lock(mutex_);
  idle_.wait(lock, [&] { return !writing_; });
  const bool sound = state_.has_value();
  fail_all(why);
  return sound;
}

}  // namespace fl::log

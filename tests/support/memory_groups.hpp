#pragma once

#include <algorithm>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/log/work_share.hpp"

namespace fl::test {

/// Positions by group and partition: what groups in memory leave behind.
using GroupMemory =
    std::map<std::tuple<std::string, log::Stream, log::PartitionIndex>, log::Offset>;

class MemoryShare;

/// A consumer group whose members are in one process. Each has its fair share, and what a member
/// has stays with it as far as that goes. Thread-safe.
class MemoryGroup {
 public:
  using Place = std::pair<log::Stream, log::PartitionIndex>;

  MemoryGroup(std::string name, std::vector<Place> places, std::shared_ptr<GroupMemory> memory,
              std::shared_ptr<std::mutex> mutex)
      : name_(std::move(name)),
        places_(std::move(places)),
        memory_(std::move(memory)),
        mutex_(std::move(mutex)) {}

 private:
  friend class MemoryShare;
  struct Member {
    std::map<Place, std::uint64_t> held;  ///< what is its own, by the group
    std::map<Place, std::uint64_t> seen;  ///< what it believes
    bool asleep = false;
    bool in = true;
    std::mutex telling;  ///< taken before mutex_ of the group
    log::WorkShare::Listener listener;
  };
  using MemberPtr = std::shared_ptr<Member>;

  void enter(const MemberPtr& member) {
    move([&] { members_.push_back(member); });
  }
  void leave(const MemberPtr& member) {
    move([&] {
      members_.remove(member);
      member->in = false;
      member->held.clear();
    });
  }
  /// One that was given up meanwhile joins anew.
  void wake(const MemberPtr& member) {
    move([&] {
      member->asleep = false;
      if (!std::exchange(member->in, true)) members_.push_back(member);
    });
  }

  /// Two steps, as Kafka's: first it is taken from those who have too much, then others get it.
  template <class Change>
  void move(Change change) {
    std::vector<MemberPtr> all;
    {
      const std::lock_guard lock(*mutex_);
      all.assign(members_.begin(), members_.end());
      change();
      for (const auto& each : members_)
        if (std::ranges::find(all, each) == all.end()) all.push_back(each);
      trim();
    }
    tell(all);
    {
      const std::lock_guard lock(*mutex_);
      fill();
    }
    tell(all);
  }

  void trim() {
    std::vector<MemberPtr> order(members_.begin(), members_.end());
    std::ranges::stable_sort(order, std::greater<>(), [](const auto& m) { return m->held.size(); });
    for (std::size_t i = 0; i < order.size(); ++i) {
      while (order[i]->held.size() > quota(i))
        order[i]->held.erase(std::prev(order[i]->held.end()));
    }
  }
  void fill() {
    std::set<Place> taken;
    for (const auto& member : members_)
      for (const auto& [place, generation] : member->held) taken.insert(place);
    std::vector<MemberPtr> order(members_.begin(), members_.end());
    std::ranges::stable_sort(order, std::greater<>(), [](const auto& m) { return m->held.size(); });
    auto next = places_.begin();
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (; order[i]->held.size() < quota(i) && next != places_.end(); ++next)
        if (!taken.contains(*next)) order[i]->held[*next] = ++generation_;
    }
  }
  std::size_t quota(std::size_t rank) const {
    return places_.size() / members_.size() + (rank < places_.size() % members_.size() ? 1 : 0);
  }
  void tell(const std::vector<MemberPtr>& all) {
    for (const auto& member : all) {
      const std::lock_guard telling(member->telling);
      {
        const std::lock_guard lock(*mutex_);
        if (member->asleep || member->seen == member->held) continue;
        member->seen = member->held;
      }
      if (member->listener) member->listener();
    }
  }

  const std::string name_;
  const std::vector<Place> places_;
  const std::shared_ptr<GroupMemory> memory_;
  const std::shared_ptr<std::mutex> mutex_;  ///< of everything in this and in the memory
  std::list<MemberPtr> members_;
  std::uint64_t generation_ = 0;
};

/// A member of a group in memory. It passes the share's contract.
class MemoryShare : public log::WorkShare {
 public:
  explicit MemoryShare(std::shared_ptr<MemoryGroup> group) : group_(std::move(group)) {
    group_->enter(self_);
  }
  ~MemoryShare() override { stop(); }

  std::vector<log::Held> assigned() const override {
    const std::lock_guard lock(*group_->mutex_);
    std::vector<log::Held> out;
    for (const auto& [place, generation] : self_->seen)
      out.push_back({place.first, place.second, generation});
    return out;
  }
  bool holds(const log::Held& held) const override {
    const auto all = assigned();
    return std::ranges::find(all, held) != all.end();
  }
  void set_listener(Listener listener) override {
    const std::lock_guard telling(self_->telling);
    self_->listener = std::move(listener);
  }
  Result<std::optional<log::Offset>> committed(log::Stream stream,
                                               log::PartitionIndex partition) override {
    const std::pair place(stream, partition);
    if (std::ranges::find(group_->places_, place) == group_->places_.end())
      return fail(log::check_partition({}, stream, partition).error());
    const std::lock_guard lock(*group_->mutex_);
    const auto found = group_->memory_->find({group_->name_, stream, partition});
    return found == group_->memory_->end() ? std::nullopt : std::optional(found->second);
  }
  Status commit(const log::Held& held, log::Offset next) override {
    const std::lock_guard lock(*group_->mutex_);
    const auto found = self_->held.find({held.stream, held.partition});
    if (found == self_->held.end() || found->second != held.generation) return log::not_held(held);
    (*group_->memory_)[{group_->name_, held.stream, held.partition}] = next;
    return {};
  }
  void stop() override {
    {
      const std::lock_guard lock(*group_->mutex_);
      self_->asleep = false;
    }
    group_->leave(self_);
    const std::lock_guard lock(*group_->mutex_);
    self_->seen.clear();
  }

  /// From now on it hears of nothing, as a process that is stopped.
  void sleep() {
    const std::lock_guard lock(*group_->mutex_);
    self_->asleep = true;
  }
  void wake() { group_->wake(self_); }
  /// The group gives it up, as one that was killed or has slept too long.
  void expel() { group_->leave(self_); }

 private:
  const std::shared_ptr<MemoryGroup> group_;
  const MemoryGroup::MemberPtr self_ = std::make_shared<MemoryGroup::Member>();
};

}  // namespace fl::test

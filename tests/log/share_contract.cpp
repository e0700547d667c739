#include "tests/log/share_contract.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <set>
#include <thread>

namespace fl::log::contract {

namespace {

using namespace std::chrono_literals;
using Place = std::pair<Stream, PartitionIndex>;
using Places = std::set<Place>;

constexpr auto kPatience = 60s;
const std::vector<Stream> kWork = {Stream::activity, Stream::jobs};

std::unique_ptr<WorkShare> must_join(Log& log, std::string_view group,
                                     const std::vector<Stream>& streams = kWork) {
  auto joined = log.join(group, streams);
  REQUIRE_MESSAGE(joined, (joined ? "" : joined.error().message));
  return std::move(*joined);
}

Places everything(Log& log, const std::vector<Stream>& streams = kWork) {
  Places out;
  for (const auto stream : streams)
    for (PartitionIndex p = 0; p < log.partitions(stream); ++p) out.emplace(stream, p);
  return out;
}

Places places_of(const WorkShare& share) {
  Places out;
  for (const auto& held : share.assigned()) out.emplace(held.stream, held.partition);
  return out;
}

template <class Condition>
void await(const std::string& what, Condition condition) {
  INFO(what);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(5ms);  // between looks
  }
}

void await_all(Log& log, const WorkShare& share) {
  await("one has all", [&] { return places_of(share) == everything(log); });
}

/// Until each place is one member's, and each member has about as many.
void await_split(Log& log, const WorkShare& one, const WorkShare& other) {
  await("two members split", [&] {
    const auto a = places_of(one), b = places_of(other);
    Places both = a;
    both.insert(b.begin(), b.end());
    return a.size() + b.size() == both.size() && both == everything(log) &&
           std::max(a.size(), b.size()) - std::min(a.size(), b.size()) <= 1;
  });
}

Held held_of(const WorkShare& share, Stream stream, PartitionIndex partition) {
  for (const auto& held : share.assigned())
    if (held.stream == stream && held.partition == partition) return held;
  FAIL("the partition is not held");
  return {};
}

/// As a worker does it that is told the partition is not there for the moment.
void must_commit(WorkShare& share, const Held& held, Offset next) {
  const auto done = share.commit(held, next);
  REQUIRE_MESSAGE(done, (done ? "" : done.error().message));
}

std::string code_of(const Status& status) {
  return status ? "" : status.error().code;
}

std::optional<Offset> position(WorkShare& share, const Held& held) {
  const auto found = share.committed(held.stream, held.partition);
  REQUIRE_MESSAGE(found, (found ? "" : found.error().message));
  return *found;
}

void one_has_all(const ShareSubject& subject) {
  const auto log = subject.open();
  const auto share = must_join(*log, "group");
  await_all(*log, *share);
  const auto all = share->assigned();
  CHECK(std::is_sorted(all.begin(), all.end()));
  for (const auto& held : all) {
    CHECK(share->holds(held));
    CHECK_FALSE(share->holds({held.stream, held.partition, held.generation + 1000}));
  }
  share->stop();
  CHECK(share->assigned().empty());
  CHECK_FALSE(share->holds(all.front()));
  CHECK(code_of(share->commit(all.front(), 1)) == kNotHeld);
  share->stop();
}

void keeps_positions(const ShareSubject& subject) {
  {
    const auto log = subject.open();
    const auto mail = must_join(*log, "mail"), media = must_join(*log, "media");
    await_all(*log, *mail);
    await_all(*log, *media);
    const auto job = held_of(*mail, Stream::jobs, 0);
    CHECK(position(*mail, job) == std::nullopt);
    must_commit(*mail, job, 7);
    must_commit(*mail, held_of(*mail, Stream::jobs, 1), 8);
    must_commit(*media, held_of(*media, Stream::jobs, 0), 9);
    must_commit(*mail, held_of(*mail, Stream::activity, 0), 10);
    must_commit(*media, held_of(*media, Stream::jobs, 0), 3);  // to read anew
    CHECK(position(*mail, job) == 7);
  }
  const auto log = subject.open();
  const auto mail = must_join(*log, "mail"), media = must_join(*log, "media"),
             other = must_join(*log, "mai");
  CHECK(position(*mail, {Stream::jobs, 0, 0}) == 7);
  CHECK(position(*mail, {Stream::jobs, 1, 0}) == 8);
  CHECK(position(*media, {Stream::jobs, 0, 0}) == 3);
  CHECK(position(*mail, {Stream::activity, 0, 0}) == 10);
  CHECK(position(*mail, {Stream::activity, 1, 0}) == std::nullopt);
  CHECK(position(*other, {Stream::jobs, 0, 0}) == std::nullopt);
  const auto missing = mail->committed(Stream::jobs, 99);
  CHECK((!missing && missing.error().code == "no_such_partition"));
}

void refuses_bad_groups(const ShareSubject& subject) {
  const auto log = subject.open();
  for (const auto& name : {std::string(), std::string(257, 'g')}) {
    const auto refused = log->join(name, kWork);
    CHECK((!refused && refused.error().code == "bad_group"));
  }
  const auto refused = log->join("group", {static_cast<Stream>(9)});
  CHECK((!refused && refused.error().code == "no_such_partition"));
}

void two_split(const ShareSubject& subject) {
  const auto log = subject.open();
  const auto one = must_join(*log, "group");
  await_all(*log, *one);
  const auto before = one->assigned();
  std::atomic<int> told = 0;
  one->set_listener([&] {
    ++told;
    static_cast<void>(one->assigned());
  });
  {
    const auto other = must_join(*log, "group"), apart = must_join(*log, "another");
    await_split(*log, *one, *other);
    await_all(*log, *apart);
    CHECK(told > 0);
    // what stayed was not touched, and what went is refused
    for (const auto& held : before) {
      const bool stayed = places_of(*one).contains({held.stream, held.partition});
      CHECK(one->holds(held) == stayed);
      if (stayed) must_commit(*one, held, 5);
      if (!stayed) CHECK(code_of(one->commit(held, 5)) == kNotHeld);
    }
    for (const auto& held : other->assigned()) {
      CHECK(position(*other, held) == std::nullopt);
      must_commit(*other, held, 6);
    }
    for (const auto& held : before) {
      const bool stayed = places_of(*one).contains({held.stream, held.partition});
      CHECK(position(*one, held) == (stayed ? 5 : 6));
    }
  }
  await_all(*log, *one);
  one->set_listener(nullptr);
  // what came back is another holding of the same place
  for (const auto& held : before)
    CHECK(one->holds(held) == (position(*one, held) == std::optional<Offset>(5)));
}

void leaver_hands_over(const ShareSubject& subject) {
  const auto log = subject.open();
  auto one = must_join(*log, "group");
  const auto other = must_join(*log, "group");
  await_split(*log, *one, *other);
  const auto moved = one->assigned().front();
  must_commit(*one, moved, 7);
  one->stop();
  CHECK(code_of(one->commit(moved, 8)) == kNotHeld);
  await_all(*log, *other);
  CHECK(position(*other, moved) == 7);
}

void bears_a_crowd(const ShareSubject& subject) {
  const auto log = subject.open();
  std::vector<std::unique_ptr<WorkShare>> members;
  const auto each_is_held_once = [&] {
    std::multiset<Place> held;
    for (const auto& member : members)
      for (const auto& place : places_of(*member)) held.insert(place);
    const auto wanted = everything(*log, {Stream::jobs});
    return std::equal(held.begin(), held.end(), wanted.begin(), wanted.end());
  };
  for (int i = 0; i < 5; ++i) {
    members.push_back(must_join(*log, "group", {Stream::jobs}));
    if (i % 2 == 0) await("one more shares", each_is_held_once);
  }
  while (!members.empty()) {
    await("the rest share", each_is_held_once);
    // the one in the middle, so that both who holds something and who does not go
    members.erase(members.begin() + static_cast<std::ptrdiff_t>(members.size() / 2));
  }
}

void killed_comes_over(const ShareSubject& subject) {
  const auto log = subject.open();
  auto doomed = subject.join_doomed(*log, "group", kWork);
  const auto other = must_join(*log, "group");
  await_split(*log, *doomed, *other);
  const auto moved = doomed->assigned().front();
  must_commit(*doomed, moved, 7);
  const auto killed = std::chrono::steady_clock::now();
  subject.kill(std::move(doomed));
  await_all(*log, *other);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - killed;
  MESSAGE("the partitions of the killed member were the other's after ", took.count(), " s");
  CHECK(position(*other, moved) == 7);
}

void sleeper_is_refused(const ShareSubject& subject) {
  const auto log = subject.open();
  const auto sleeper = subject.join_doomed(*log, "group", kWork);
  await_all(*log, *sleeper);
  const auto held = held_of(*sleeper, Stream::jobs, 1);
  must_commit(*sleeper, held, 5);
  subject.put_to_sleep(*sleeper);
  const auto other = must_join(*log, "group");
  await_all(*log, *other);
  must_commit(*other, held_of(*other, Stream::jobs, 1), 9);
  CHECK(code_of(subject.commit_on_waking(*sleeper, held, 6)) == kNotHeld);
  CHECK(position(*other, held) == 9);
  await_split(*log, *sleeper, *other);  // awake, it takes part again
  CHECK_FALSE(sleeper->holds(held));
}

}  // namespace

std::vector<ShareRule> share_rules() {
  return {{"the only member has every partition, until it stops", false, one_has_all},
          {"a group's position is kept, apart from every other's", false, keeps_positions},
          {"a group without a name, or over a stream that is not there, is refused", false,
           refuses_bad_groups},
          {"two members split, and what need not move stays where it is", true, two_split},
          {"what a member that stops had is the others' at once, with its positions", true,
           leaver_hands_over},
          {"where members are more than partitions, each partition is still one member's", true,
           bears_a_crowd},
          {"what a killed member had comes over, with its positions", true, killed_comes_over},
          {"who lost a partition in his sleep cannot commit, and no position goes back", true,
           sleeper_is_refused}};
}

}  // namespace fl::log::contract

#include <atomic>
#include <set>

#include "tests/workers/await.hpp"
#include "tests/workers/bench.hpp"

using namespace fl;
using namespace fl::tests;
using activity::JobState;
using workers::JobResult;
using workers::JobRunner;

namespace {

pb::Job job_named(std::string_view name) {
  pb::Job job;
  job.set_format(1);
  job.set_id(named<JobId>(name).raw());
  job.mutable_send_mail()->set_notice(named<NoticeId>(name).raw());
  return job;
}

/// A node with a runner, whose job does what the test says.
class Node {
 public:
  Node(WorkersBench& bench, const std::string& name, JobRunner::Handle handle)
      : services_(bench.node(name)),
        share_(dynamic_cast<test::MemoryShare*>(bench.share("group").release())),
        runner_(
            services_, "group", std::unique_ptr<log::WorkShare>(share_),
            [this](const pb::Job&) {
              ++looked;
              return true;
            },
            [this, handle](const pb::Job& job, std::stop_token stop) {
              ++started;
              auto result = handle(job, stop);
              ++ended;
              return result;
            },
            [this](const pb::Job&, const std::string&) {
              ++parked;
              return Status{};
            }) {
    runner_.start();
  }
  void stop() { runner_.stop(); }
  test::MemoryShare& share() { return *share_; }

  std::atomic<int> looked = 0, started = 0, ended = 0, parked = 0;

 private:
  workers::Services services_;
  test::MemoryShare* share_;
  JobRunner runner_;
};

JobResult until_stopped(const pb::Job&, std::stop_token stop) {
  await([&] { return stop.stop_requested(); });
  return {false, "stopped"};
}
JobResult at_once(const pb::Job&, std::stop_token) {
  return {true, "done"};
}

activity::JobRow row_of(WorkersBench& bench, const pb::Job& job) {
  return bench.world.models.jobs.job(bench.world.view(), JobId::from_raw(job.id()));
}

/// The claims of a job, and how many ends of each outcome there are.
struct History {
  std::vector<pb::ActivityEvent> claims;
  std::map<pb::JobOutcome, int> ends;
};
History history_of(WorkersBench& bench, const pb::Job& job) {
  History out;
  const auto partition =
      activity::partition_of(job.id(), bench.world.log.partitions(log::Stream::activity));
  for (const auto& record : bench.records(log::Stream::activity, partition)) {
    const auto event = activity::decode(record.value).value();
    if (event.about() != job.id()) continue;
    if (event.has_job_claimed()) out.claims.push_back(event);
    if (event.has_job_ended()) ++out.ends[event.job_ended().outcome()];
  }
  return out;
}

}  // namespace

TEST_CASE("a job whose partition moves is stopped and given back, and never parked by that") {
  WorkersBench bench;
  const auto job = job_named("long");
  std::atomic<bool> enough = false;
  const auto work = [&](const pb::Job&, std::stop_token stop) {
    await([&] { return stop.stop_requested() || enough; });
    return JobResult{enough, "long"};
  };
  Node one(bench, "one", work), other(bench, "other", work);
  bench.enqueue(job);
  Node* at = nullptr;
  const auto at_work = [](Node& node) { return node.started > node.ended; };
  for (int moves = 0; moves < 5; ++moves) {
    await([&] { return at_work(one) || at_work(other); });
    at = at_work(one) ? &one : &other;
    const auto ended = at->ended.load();
    at->share().expel();  // it knows at once, and comes back: as when the group meets anew
    await([&] { return at->ended > ended; });
    at->share().wake();
  }
  await([&] { return at_work(one) || at_work(other); });
  enough = true;
  bench.await_committed("group", 1);
  one.stop();
  other.stop();
  const auto row = row_of(bench, job);
  CHECK(row.state == JobState::done);
  CHECK(row.attempts.size() == 1);
  CHECK(one.parked + other.parked == 0);
  const auto history = history_of(bench, job);
  CHECK(history.ends.at(pb::JOB_OUTCOME_RELEASED) >= 5);
  CHECK(history.ends.at(pb::JOB_OUTCOME_DONE) == 1);
  CHECK(history.claims.front().job_claimed().worker().ends_with("/group"));
}

TEST_CASE("a runner that is stopped gives its job back, and one that crashed has used an attempt") {
  WorkersBench bench;
  const auto job = job_named("long");
  bench.enqueue(job);
  for (int starts = 0; starts < 4; ++starts) {
    Node node(bench, "one", until_stopped);
    await([&] { return node.started == 1; });
    node.stop();
    CHECK(row_of(bench, job).state == JobState::queued);
    CHECK(row_of(bench, job).attempts.empty());
  }
  bench.world.activity(job_claimed("of a worker that is no more", "long"));
  Node node(bench, "two", at_once);
  bench.await_committed("group", 1);
  node.stop();
  CHECK(row_of(bench, job).state == JobState::done);
  CHECK(row_of(bench, job).attempts.size() == 2);
  CHECK(row_of(bench, job).worker == "two/group");
}

TEST_CASE("a job is its holder's as long as the partition stays, however many wait for work") {
  WorkersBench bench(2);
  const auto job = job_named("long");
  std::atomic<bool> enough = false;
  const auto work = [&](const pb::Job& at, std::stop_token stop) {
    if (at.id() != job.id()) return JobResult{true, "short"};
    await([&] { return stop.stop_requested() || enough; });
    return JobResult{enough, "long"};
  };
  Node one(bench, "one", work), other(bench, "other", work);
  bench.enqueue(job);
  await([&] { return one.started + other.started == 1; });
  // the other partition's jobs go on meanwhile, by the other node
  const auto long_partition = activity::partition_of(job.id(), 2);
  int others = 0;
  for (int i = 0; others < 5; ++i) {
    const auto next = job_named("short " + std::to_string(i));
    if (activity::partition_of(next.id(), 2) == long_partition) continue;
    bench.enqueue(next);
    ++others;
  }
  await([&] {
    return bench.world.log.committed("group", log::Stream::jobs, 1 - long_partition) == 5;
  });
  CHECK(history_of(bench, job).claims.size() == 1);
  enough = true;
  await([&] { return bench.world.log.committed("group", log::Stream::jobs, long_partition) == 1; });
  one.stop();
  other.stop();
  CHECK(one.started + other.started == 6);
  CHECK(std::min(one.started.load(), other.started.load()) == 1);
}

TEST_CASE("a worker that lost its partition in its sleep is fenced, and what it did does no harm") {
  WorkersBench bench;
  const auto job = job_named("twice");
  // As media are registered: one command, whoever gives it.
  std::atomic<int> refused = 0;
  const auto effect = [&] {
    pb::ActivityEvent event;
    event.set_id(named<EventId>("effect of the job").raw());
    event.set_about(account("ann").raw());
    event.mutable_noticed()->set_notice(named<NoticeId>("twice").raw());
    event.mutable_noticed()->set_kind(pb::NOTICE_KIND_MEDIA_READY);
    if (!workers::record(*bench.services, std::move(event))) ++refused;
  };
  std::atomic<bool> wake = false;
  Node sleeper(bench, "sleeper", [&](const pb::Job&, std::stop_token) {
    await([&] { return wake.load(); });
    effect();
    return JobResult{true, "the sleeper"};
  });
  bench.enqueue(job);
  await([&] { return sleeper.started == 1; });
  sleeper.share().sleep();
  sleeper.share().expel();
  Node holder(bench, "holder", [&](const pb::Job&, std::stop_token) {
    effect();
    return JobResult{true, "the holder"};
  });
  bench.await_committed("group", 1);
  const auto second = job_named("second");
  bench.enqueue(second);
  bench.await_committed("group", 2);
  wake = true;
  await([&] { return sleeper.ended == 1; });
  sleeper.stop();  // its commit for the first job would have gone back
  holder.stop();
  CHECK(bench.world.log.committed("group", log::Stream::jobs, 0) == 2);
  const auto row = row_of(bench, job);
  CHECK(row.state == JobState::done);
  CHECK(row.detail == "the holder");
  CHECK(row.worker == "holder/group");
  CHECK(refused == 0);
  const auto notices =
      bench.world.models.notices.newest(bench.world.view(), account("ann"), {10, ""});
  CHECK(notices->items.size() == 1);
}

TEST_CASE("two that claim at once claim apart, the job is done, and outbidding uses no attempts") {
  for (int round = 0; round < 5; ++round) {
    WorkersBench bench;
    // Both believe that they hold the partition. Nothing is appended until both want the job.
    std::atomic<bool> armed = false;
    std::atomic<Node*> one_at = nullptr, other_at = nullptr;
    bench.world.log.on_append([&](log::Stream stream) {
      if (stream != log::Stream::activity || !armed) return;
      await([&] { return one_at.load()->looked > 0 && other_at.load()->looked > 0; });
    });
    std::atomic<int> done = 0;
    const auto work = [&](const pb::Job&, std::stop_token) {
      ++done;
      return JobResult{true, "done"};
    };
    Node one(bench, "one", work);
    one.share().sleep();
    one.share().expel();
    Node other(bench, "other", work);
    one_at = &one;
    other_at = &other;
    armed = true;
    const auto job = job_named("wanted");
    bench.enqueue(job);
    bench.await_committed("group", 1);
    one.stop();
    other.stop();
    const auto history = history_of(bench, job);
    std::set<std::string> ids;
    for (const auto& claim : history.claims) ids.insert(claim.id());
    CHECK(ids.size() == history.claims.size());
    CHECK(history.claims.size() >= 2);
    CHECK(row_of(bench, job).state == JobState::done);
    CHECK(row_of(bench, job).attempts.size() <= 2);
    CHECK(one.parked + other.parked == 0);
    CHECK(done >= 1);
  }
}

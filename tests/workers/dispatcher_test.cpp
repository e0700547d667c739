#include "workers/dispatcher.hpp"

#include <map>
#include <set>

#include "tests/workers/await.hpp"
#include "tests/workers/bench.hpp"

using namespace fl;
using namespace fl::tests;
using workers::Dispatcher;
using workers::DispatcherPosition;

namespace {

const std::vector<log::Stream> kSources = {log::Stream::ledger, log::Stream::activity};
constexpr log::PartitionIndex kLedger = 0;

/// What is to be told: each gives Ann one notice, and each message a job, each upload another.
class Source {
 public:
  explicit Source(WorkersBench& bench) : bench_(bench) { bench_.open_account("ann"); }

  void happen(int times) {
    for (const int until = happened + times; happened < until; ++happened) {
      const auto name = std::to_string(happened);
      pb::LedgerEvent media;
      media.mutable_origin()->set_caller_kind(pb::CALLER_KIND_SYSTEM);
      auto& body = *media.mutable_media_registered();
      body.set_media(named<MediaId>("ready " + name).raw());
      body.set_owner(account("ann").raw());
      body.set_kind(pb::MEDIA_KIND_PHOTO);
      body.set_manifest(sha256(name).str());
      bench_.submit(std::move(media), "media " + name);
      bench_.world.activity(message("message " + name, "from " + name, "ann"));
      bench_.world.activity(upload_started("upload " + name, "ann", 5));
      bench_.world.activity(upload_chunk("upload " + name, "ann", 0, 5));
    }
  }
  bool is_told() {
    return bench_.world.models.notices.head(bench_.world.view(), account("ann")).total ==
               static_cast<std::uint64_t>(2 * happened) &&
           jobs().size() == static_cast<std::size_t>(2 * happened);
  }
  /// How often each job was appended.
  std::map<std::string, int> jobs() {
    std::map<std::string, int> out;
    for (const auto& record : bench_.records(log::Stream::jobs)) ++out[record.key];
    return out;
  }
  /// How many events of notices there are, void ones too.
  int notices() {
    int out = 0;
    for (log::PartitionIndex p = 0; p < 4; ++p) {
      for (const auto& record : bench_.records(log::Stream::activity, p))
        out += activity::decode(record.value).value().has_noticed() ? 1 : 0;
    }
    return out;
  }

  int happened = 0;

 private:
  WorkersBench& bench_;
};

/// A dispatcher on a node of its own.
class Node {
 public:
  Node(WorkersBench& bench, const std::string& name, std::string_view group = "dispatcher")
      : services_(bench.node(name)),
        share_(dynamic_cast<test::MemoryShare*>(bench.share(group, kSources).release())),
        dispatcher_(services_, std::unique_ptr<log::WorkShare>(share_)) {
    dispatcher_.start();
  }
  void stop() { dispatcher_.stop(); }
  test::MemoryShare& share() { return *share_; }
  DispatcherPosition kept() const { return DispatcherPosition::load(services_.position_file, 4); }

 private:
  workers::Services services_;
  test::MemoryShare* share_;
  Dispatcher dispatcher_;
};

/// Each job, as a runner carries it out: how often.
std::map<std::string, int> carried_out(WorkersBench& bench, std::size_t jobs) {
  std::mutex mutex;
  std::map<std::string, int> out;
  workers::JobRunner runner(
      *bench.services, "all", bench.share("all"), [](const pb::Job&) { return true; },
      [&](const pb::Job& job, std::stop_token) {
        const std::lock_guard lock(mutex);
        ++out[job.id()];
        return workers::JobResult{true, ""};
      },
      [](const pb::Job&, const std::string&) { return Status{}; });
  runner.start();
  bench.await_committed("all", jobs);
  runner.stop();
  return out;
}

}  // namespace

TEST_CASE("dispatchers that take over from each other, one unawares, tell of everything once") {
  WorkersBench bench;
  Source source(bench);
  Node one(bench, "one");
  source.happen(5);
  await([&] { return source.is_told(); });
  Node other(bench, "other");
  source.happen(5);
  await([&] { return source.is_told(); });
  // the first is cut off, goes on with what it believes to hold, and all is the other's
  one.share().sleep();
  one.share().expel();
  await([&] { return other.share().assigned().size() == 5; });
  source.happen(10);
  await([&] { return source.is_told() && source.notices() > 2 * source.happened; });
  one.share().wake();
  other.stop();
  source.happen(5);
  await([&] { return source.is_told(); });
  one.stop();

  CHECK(bench.world.models.notices.head(bench.world.view(), account("ann")).total ==
        static_cast<std::uint64_t>(2 * source.happened));
  const auto jobs = source.jobs();
  std::size_t appended = 0;
  for (const auto& [id, times] : jobs) appended += static_cast<std::size_t>(times);
  CHECK(jobs.size() == static_cast<std::size_t>(2 * source.happened));
  CHECK(appended > jobs.size());  // repeated, that is
  const auto done = carried_out(bench, appended);
  CHECK(done.size() == jobs.size());
  for (const auto& [id, times] : done) CHECK(times == 1);
}

TEST_CASE("a dispatcher follows the ledger's chain up to the group's position, and goes on there") {
  WorkersBench bench;
  Source source(bench);
  Node one(bench, "one"), other(bench, "other");
  const auto holds_ledger = [](Node& node) {
    const auto all = node.share().assigned();
    return !all.empty() && all.front().stream == log::Stream::ledger;
  };
  await([&] { return holds_ledger(one) && other.share().assigned().size() == 2; });
  source.happen(8);
  await([&] { return source.is_told(); });
  const auto end = *bench.world.log.end(log::Stream::ledger, kLedger);
  // it does not dispatch the ledger, and has its chain all the same
  await([&] { return other.kept().ledger == end; });
  CHECK(bench.world.log.committed("dispatcher", log::Stream::ledger, kLedger) == end);
  CHECK_FALSE(holds_ledger(other));
  const auto before = source.notices();
  one.stop();
  source.happen(3);
  await([&] { return source.is_told(); });
  other.stop();
  CHECK(source.notices() == before + 6);  // nothing was repeated
}

TEST_CASE("a dispatcher whose group knows no position begins where its node was, or anew") {
  WorkersBench bench;
  Source source(bench);
  const auto tell_again = [&](const std::string& name, const std::string& group) {
    Node node(bench, name, group);
    source.happen(1);
    await([&] { return source.is_told(); });
    node.stop();
    return source.notices();
  };
  source.happen(3);
  CHECK(tell_again("one", "dispatcher") == 8);
  CHECK(tell_again("one", "dispatcher") == 10);
  CHECK(tell_again("one", "after Kafka has forgotten it") == 12);
  // the first group's position is two notices back, and counts more than no file
  CHECK(tell_again("new", "dispatcher") == 12 + 2 + 2);
  // neither: all of it again, and void
  CHECK(tell_again("new too", "forgotten too") == 16 + 14 + 2);
  CHECK(bench.world.models.notices.head(bench.world.view(), account("ann")).total == 16);
}

TEST_CASE("a dispatcher whose group went back repeats from there, with the chain from its start") {
  WorkersBench bench;
  Source source(bench);
  source.happen(4);
  {
    Node node(bench, "one");
    await([&] { return source.is_told(); });
    node.stop();
  }
  const auto before = source.notices();
  {
    const auto share = bench.share("dispatcher", kSources);
    const auto all = share->assigned();
    REQUIRE(all.front().stream == log::Stream::ledger);
    REQUIRE(share->commit(all.front(), *bench.world.log.end(log::Stream::ledger, kLedger) - 2));
  }
  Node node(bench, "one");
  await([&] { return source.notices() == before + 2; });
  source.happen(1);
  await([&] { return source.is_told(); });
  node.stop();
  CHECK(source.notices() == before + 4);
}

#include "workers/job_runner.hpp"

#include <atomic>

#include "tests/workers/bench.hpp"
#include "workers/media_job.hpp"

using namespace fl;
using namespace fl::tests;
using activity::JobState;
using workers::JobResult;
using workers::JobRunner;

namespace {

bool any(const pb::Job&) {
  return true;
}
activity::JobRow row_of(WorkersBench& bench, const pb::Job& job) {
  return bench.world.models.jobs.job(bench.world.view(), JobId::from_raw(job.id()));
}
activity::UploadRow upload_of(WorkersBench& bench, std::string_view name) {
  return bench.world.models.uploads.upload(bench.world.view(), named<MediaId>(name)).value();
}

}  // namespace

TEST_CASE("a job that fails is tried three times, then parked, and who waits for it is told once") {
  WorkersBench bench;
  const auto job = bench.uploaded("clip");
  bench.enqueue(job);
  std::atomic<int> attempts = 0;
  std::vector<std::string> told;
  JobRunner runner(
      *bench.services, "group", bench.share("group"), any,
      [&](const pb::Job&, std::stop_token) {
        return JobResult{false, "failure " + std::to_string(++attempts)};
      },
      [&](const pb::Job& parked, const std::string& why) {
        CHECK(parked.id() == job.id());
        told.push_back(why);
        return Status{};
      });
  runner.start();
  bench.await_committed("group", 1);
  runner.stop();
  CHECK(attempts == 3);
  CHECK(told == std::vector<std::string>{"failure 3"});
  CHECK(row_of(bench, job).state == JobState::parked);
  CHECK(row_of(bench, job).attempts.size() == 3);
}

TEST_CASE("a job that succeeds after a failure is done, and nobody is told of the failure") {
  WorkersBench bench;
  const auto job = bench.uploaded("clip");
  bench.enqueue(job);
  std::atomic<int> attempts = 0;
  std::atomic<int> told = 0;
  JobRunner runner(
      *bench.services, "group", bench.share("group"), any,
      [&](const pb::Job&, std::stop_token) {
        return JobResult{++attempts == 2, "attempt"};
      },
      [&](const pb::Job&, const std::string&) {
        ++told;
        return Status{};
      });
  runner.start();
  bench.await_committed("group", 1);
  runner.stop();
  CHECK(attempts == 2);
  CHECK(told == 0);
  CHECK(row_of(bench, job).state == JobState::done);
}

TEST_CASE("a runner that ends before it told of a parked job tells of it when it comes back") {
  WorkersBench bench;
  const auto job = bench.uploaded("clip");
  bench.enqueue(job);
  std::atomic<int> attempts = 0;
  std::atomic<int> told = 0;
  const auto fails = [&](const pb::Job&, std::stop_token) {
    ++attempts;
    return JobResult{false, "failure"};
  };
  const auto no_storage = [&](const pb::Job&, const std::string&) -> Status {
    ++told;
    return fail(ErrorClass::unavailable, "storage_failed", "", "No storage.");
  };
  {
    JobRunner runner(*bench.services, "group", bench.share("group"), any, fails, no_storage);
    runner.start();
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (told == 0) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  CHECK(bench.world.log.committed("group", log::Stream::jobs, 0) == 0);
  std::string why;
  JobRunner again(*bench.services, "group", bench.share("group"), any, fails,
                  [&](const pb::Job&, const std::string& w) {
                    why = w;
                    return Status{};
                  });
  again.start();
  bench.await_committed("group", 1);
  again.stop();
  CHECK(attempts == 3);
  CHECK(why == "failure");
}

TEST_CASE("a job that three workers died of is parked without another attempt") {
  WorkersBench bench;
  auto job = bench.uploaded("clip");
  job.set_id(named<JobId>("deadly").raw());
  for (const char* claim : {"first", "second", "third"}) {
    bench.world.activity(job_claimed(claim, "deadly"));
  }
  CHECK(row_of(bench, job).attempts.size() == 3);
  bench.enqueue(job);
  std::atomic<int> attempts = 0;
  std::string told;
  JobRunner runner(
      *bench.services, "group", bench.share("group"), any,
      [&](const pb::Job&, std::stop_token) {
        ++attempts;
        return JobResult{true, ""};
      },
      [&](const pb::Job&, const std::string& why) {
        told = why;
        return Status{};
      });
  runner.start();
  bench.await_committed("group", 1);
  runner.stop();
  CHECK(attempts == 0);
  CHECK(told == "claimed too often without an end");
}

TEST_CASE("an upload that was never processed in time ends as such, not by its owner's fault") {
  struct Row {
    std::string detail;
    const char* code;
    const char* says;
  };
  for (const auto& row :
       {Row{"media_not_in_time: The file was not processed.", "media_not_in_time", "too busy"},
        Row{"media_derivation_failed: No poster.", "processing_failed", "No poster."},
        Row{"", "processing_failed", "could not be processed."}}) {
    CAPTURE(row.detail);
    WorkersBench bench;
    const auto job = bench.uploaded("clip");
    const auto kept = bench.services->sources / named<MediaId>("clip").str();
    CHECK(std::filesystem::exists(kept));
    for (int twice = 0; twice < 2; ++twice) {
      const auto ended = workers::give_up_media(*bench.services, job.process_media(), row.detail);
      CHECK_MESSAGE(ended, (ended ? "" : ended.error().message));
      const auto upload = upload_of(bench, "clip");
      CHECK(upload.end == pb::UPLOAD_END_REFUSED);
      CHECK(upload.code == row.code);
      CHECK(upload.detail.find(row.says) != std::string::npos);
      CHECK_FALSE(std::filesystem::exists(kept));
    }
  }
}

#include "core/activity/jobs.hpp"

#include <doctest/doctest.h>

#include "tests/activity/acts.hpp"

using namespace fl;
using namespace fl::tests;
using activity::JobRow;
using activity::JobState;
using activity::Verdict;

namespace {

pb::JobClaimed claim(const char* worker) {
  pb::JobClaimed body;
  body.set_worker(worker);
  return body;
}
pb::JobEnded end(std::uint64_t token, pb::JobOutcome outcome) {
  pb::JobEnded body;
  body.set_token(token);
  body.set_outcome(outcome);
  return body;
}

}  // namespace

TEST_CASE("a later claim supersedes an earlier one, whose end is then stale") {
  JobRow row;
  CHECK(fold(row, act(3, ""), end(0, pb::JOB_OUTCOME_DONE)) == Verdict::stale);
  CHECK(fold(row, act(5, ""), claim("a")) == Verdict::applied);
  CHECK(fold(row, act(7, ""), claim("b")) == Verdict::applied);
  CHECK(row.token == 7);
  CHECK(row.worker == "b");
  CHECK(fold(row, act(8, ""), end(5, pb::JOB_OUTCOME_DONE)) == Verdict::stale);
  CHECK(row.state == JobState::claimed);
  CHECK(fold(row, act(9, ""), end(7, pb::JOB_OUTCOME_UNSPECIFIED)) == Verdict::malformed);
  CHECK(fold(row, act(9, ""), end(7, pb::JOB_OUTCOME_DONE)) == Verdict::applied);
  CHECK(row.state == JobState::done);
  CHECK(fold(row, act(10, ""), claim("a")) == Verdict::ended);
  CHECK(fold(row, act(11, ""), end(7, pb::JOB_OUTCOME_FAILED)) == Verdict::ended);
  CHECK(row.state == JobState::done);
}

TEST_CASE("a job that fails three times is parked") {
  JobRow row;
  for (std::uint64_t attempt = 1; attempt <= 3; ++attempt) {
    CHECK(fold(row, act(attempt * 10, ""), claim("w")) == Verdict::applied);
    CHECK(row.attempts.size() == attempt);
    CHECK(fold(row, act(attempt * 10 + 1, ""), end(attempt * 10, pb::JOB_OUTCOME_FAILED)) ==
          Verdict::applied);
    CHECK(row.state == (attempt < 3 ? JobState::failed : JobState::parked));
  }
  CHECK(fold(row, act(99, ""), claim("w")) == Verdict::ended);
}

TEST_CASE("a job that kills its workers is parked at the claim after the third") {
  JobRow row;
  for (std::uint64_t offset : {1, 2, 3}) {
    CHECK(fold(row, act(offset, ""), claim("w")) == Verdict::applied);
    CHECK(row.state == JobState::claimed);
  }
  CHECK(fold(row, act(4, ""), claim("w")) == Verdict::applied);
  CHECK(row.state == JobState::parked);
  CHECK(row.token == 3);
  CHECK(fold(row, act(5, ""), end(3, pb::JOB_OUTCOME_DONE)) == Verdict::ended);
}

TEST_CASE("a claim that is given back was no attempt, however often, and the next one is as any") {
  JobRow row;
  for (std::uint64_t offset = 10; offset < 100; offset += 10) {
    CHECK(fold(row, act(offset, ""), claim("w")) == Verdict::applied);
    CHECK(row.attempts.size() == 1);
    CHECK(fold(row, act(offset + 1, ""), end(offset, pb::JOB_OUTCOME_RELEASED)) ==
          Verdict::applied);
    CHECK(row.state == JobState::queued);
    CHECK(row.attempts.empty());
    CHECK(row.token == offset);  // the fence stays
    CHECK(row.claims == offset / 10);
    CHECK(fold(row, act(offset + 2, ""), end(offset, pb::JOB_OUTCOME_DONE)) == Verdict::stale);
    CHECK(fold(row, act(offset + 3, ""), end(offset, pb::JOB_OUTCOME_RELEASED)) == Verdict::stale);
  }
  CHECK(fold(row, act(100, ""), claim("w")) == Verdict::applied);
  CHECK(fold(row, act(101, ""), end(100, pb::JOB_OUTCOME_DONE)) == Verdict::applied);
  CHECK(fold(row, act(102, ""), end(100, pb::JOB_OUTCOME_RELEASED)) == Verdict::ended);
}

TEST_CASE("a claim that is given back after the next worker's claim leaves that one in place") {
  JobRow row;
  CHECK(fold(row, act(1, ""), claim("a")) == Verdict::applied);
  CHECK(fold(row, act(2, ""), claim("b")) == Verdict::applied);
  CHECK(fold(row, act(3, ""), end(1, pb::JOB_OUTCOME_RELEASED)) == Verdict::applied);
  CHECK(row.state == JobState::claimed);
  CHECK(row.token == 2);
  CHECK(row.attempts == std::vector<std::uint64_t>{2});
  // one that crashed gives nothing back
  CHECK(fold(row, act(4, ""), claim("c")) == Verdict::applied);
  CHECK(fold(row, act(5, ""), end(4, pb::JOB_OUTCOME_FAILED)) == Verdict::applied);
  CHECK(row.state == JobState::failed);
  CHECK(row.attempts == std::vector<std::uint64_t>{2, 4});
}

TEST_CASE("a job's row is read as it was written, and nothing else is") {
  const JobRow row{JobState::failed, 7, 4, {5, 7}, "worker", "why", 5};
  CHECK(activity::decode_job(encode(row)) == row);
  CHECK_FALSE(activity::decode_job(encode(row) + "x"));
  auto bad_state = encode(row);
  bad_state[1] = 9;
  CHECK_FALSE(activity::decode_job(bad_state));
}

#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <thread>

#include "workers/services.hpp"

namespace fl::workers {

/// How a job went. Done: never again. Failed: perhaps next time.
struct JobResult {
  bool done = false;
  std::string detail;
};

/// One thread that takes the jobs of one kind from the stream `jobs`, in order, as a member of a
/// consumer group. Each attempt begins with a claim in the activity stream, whose offset fences off
/// whoever claimed before; three attempts, then the job is parked, and `parked` is told why, until
/// it succeeds. A job is committed after that, so a crash in the middle repeats it, and what it
/// does has ids of its own.
class JobRunner {
 public:
  using Handle = std::function<JobResult(const pb::Job&, std::stop_token)>;
  using Wants = std::function<bool(const pb::Job&)>;
  using Parked = std::function<Status(const pb::Job&, const std::string& why)>;

  JobRunner(Services& services, std::string group, Wants wants, Handle handle, Parked parked);
  ~JobRunner() { stop(); }
  void start();
  void stop();

 private:
  void run(std::stop_token stop);
  Status take(log::PartitionIndex partition, std::stop_token stop, bool& moved);
  Status work_on(const pb::Job& job, std::stop_token stop);

  Services& services_;
  const std::string group_;
  const Wants wants_;
  const Handle handle_;
  const Parked parked_;
  std::jthread thread_;
};

}  // namespace fl::workers

#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
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

/// One thread that takes the jobs of one kind from those partitions of the stream `jobs` that are
/// its own, in order, as a member of a consumer group. That is the lease: another takes a job only
/// when the partition has moved, and then at once.
///
/// Each attempt begins with a claim in the activity stream, whose offset fences off whoever claimed
/// before; three attempts, then the job is parked, and `parked` is told why, until it succeeds.
/// When the partition is taken away or the runner is stopped, the job is stopped and given back,
/// and that is no attempt; a crash is one. A job is committed after its end, so a crash in the
/// middle repeats it. Who has lost a partition without knowing may work for a while beside its new
/// holder: what a job does has ids of its own.
class JobRunner {
 public:
  using Handle = std::function<JobResult(const pb::Job&, std::stop_token)>;
  using Wants = std::function<bool(const pb::Job&)>;
  using Parked = std::function<Status(const pb::Job&, const std::string& why)>;

  /// `share` is of the group and over the stream `jobs`.
  JobRunner(Services& services, std::string group, std::unique_ptr<log::WorkShare> share,
            Wants wants, Handle handle, Parked parked);
  ~JobRunner() { stop(); }
  void start();
  void stop();  ///< gives back what is under way, and leaves the group

 private:
  void run(std::stop_token stop);
  Status take(const log::Held& held, std::stop_token stop, bool& moved);
  Result<log::Offset> next_of(const log::Held& held);
  Status commit(const log::Held& held, log::Offset next, bool& moved);
  Status work_on(const log::Held& held, const pb::Job& job, std::stop_token stop);
  Result<log::Offset> claim(const JobId& id, const activity::JobRow& row);
  Status end(const JobId& id, log::Offset token, pb::JobOutcome outcome, const std::string& detail);
  Status attempt(const log::Held& held, const pb::Job& job, log::Offset token,
                 std::stop_token stop);
  void look();

  Services& services_;
  const std::string group_;
  const std::unique_ptr<log::WorkShare> share_;
  const Wants wants_;
  const Handle handle_;
  const Parked parked_;
  std::map<log::Held, log::Offset> next_;  ///< of the thread
  std::mutex mutex_;
  std::optional<log::Held> at_work_;  ///< where the job under way is from
  std::stop_source cut_;              ///< of the job under way
  std::jthread thread_;
};

}  // namespace fl::workers

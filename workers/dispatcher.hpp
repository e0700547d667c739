#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <thread>

#include "projections/events_at.hpp"
#include "workers/dispatcher_position.hpp"
#include "workers/services.hpp"

namespace fl::workers {

/// One thread that follows the ledger and the activity stream and appends what follows from them:
/// notices (to the activity stream) and jobs. It sees an event once the read models here have
/// applied it, so it never tells of what is void.
///
/// It is a member of a consumer group over both streams and dispatches what is its own, from the
/// group's position on. A takeover, or two that both believe to hold a partition, repeat some of
/// it: everything appended has an id of its cause, so the second one is void.
class Dispatcher {
 public:
  /// `share` is over ledger and activity.
  Dispatcher(Services& services, std::unique_ptr<log::WorkShare> share)
      : services_(services), share_(std::move(share)) {}
  ~Dispatcher() { stop(); }

  void start();
  void stop();  ///< leaves the group

 private:
  using Moment = std::chrono::steady_clock::time_point;
  /// Where a partition that is ours is dispatched from, and what the group knows of it.
  struct Course {
    log::Offset next = 0;
    log::Offset committed = 0;
  };

  void run(std::stop_token stop);
  Status dispatch(bool& moved);
  Result<Course*> course_of(const log::Held& held, log::Offset otherwise);
  Status commit(bool now);
  Status follow_ledger(const log::Held* held, bool& moved);
  Result<log::Offset> end_of_chain_to_follow();
  Status tell_of(const std::vector<projections::LedgerEventAt>& events);
  Status follow_activity(const log::Held& held, bool& moved);
  Status await_applied(const log::Held& held, log::Offset end);
  Status tell(std::vector<pb::ActivityEvent> notices);
  Status enqueue(const pb::Job& job);
  Status dispatch_activity(const projections::ActivityEventAt& at);

  Services& services_;
  const std::unique_ptr<log::WorkShare> share_;
  DispatcherPosition position_;
  std::map<log::Held, Course> courses_;
  Moment committed_at_;
  Moment asked_at_;
  log::Offset asked_ = 0;  ///< what the group had dispatched of the ledger when it was asked last
  std::jthread thread_;
};

JobId process_media_job(const MediaId& media);
JobId send_mail_job(const NoticeId& notice);

}  // namespace fl::workers

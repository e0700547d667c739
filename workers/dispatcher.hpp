#pragma once

#include <stop_token>
#include <thread>

#include "projections/events_at.hpp"
#include "workers/dispatcher_position.hpp"
#include "workers/services.hpp"

namespace fl::workers {

/// One thread that follows the ledger and the activity stream and appends what follows from them:
/// notices (to the activity stream) and jobs. It sees an event once the read models here have
/// applied it, so it never tells of what is void.
class Dispatcher {
 public:
  explicit Dispatcher(Services& services) : services_(services) {}
  ~Dispatcher() { stop(); }

  void start();
  void stop();

 private:
  void run(std::stop_token stop);
  Status follow_ledger(bool& moved);
  Status follow_activity(log::PartitionIndex partition, bool& moved);
  Status tell(std::vector<pb::ActivityEvent> notices);
  Status enqueue(const pb::Job& job);
  Status dispatch_activity(const projections::ActivityEventAt& at);

  Services& services_;
  DispatcherPosition position_;
  std::jthread thread_;
};

JobId process_media_job(const MediaId& media);
JobId send_mail_job(const NoticeId& notice);

}  // namespace fl::workers

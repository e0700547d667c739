#pragma once

#include "workers/dispatcher.hpp"
#include "workers/mail_job.hpp"

namespace fl::workers {

/// All workers of a node: the dispatcher, one runner for media, one for mail.
class Workers {
 public:
  /// Errors: unavailable `jail_unavailable`, when programs cannot be jailed here: then no media
  /// would ever be opened.
  static Result<std::unique_ptr<Workers>> start(Services& services, NoticeText notice_text);
  ~Workers() { stop(); }
  void stop();

 private:
  Workers(Services& services, NoticeText notice_text);
  Dispatcher dispatcher_;
  JobRunner media_;
  JobRunner mail_;
};

}  // namespace fl::workers

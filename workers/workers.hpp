#pragma once

#include "workers/dispatcher.hpp"
#include "workers/mail_job.hpp"

namespace fl::workers {

/// All workers of a node: the dispatcher, one runner for media, one for mail. Each is a member of a
/// group of its own, and shares its work with its like on other nodes.
class Workers {
 public:
  /// Errors: unavailable `jail_unavailable`, when programs cannot be jailed here: then no media
  /// would ever be opened; those of Log::join.
  static Result<std::unique_ptr<Workers>> start(Services& services, NoticeText notice_text);
  ~Workers() { stop(); }
  void stop();

 private:
  struct Shares {
    std::unique_ptr<log::WorkShare> dispatcher, media, mail;
  };
  Workers(Services& services, NoticeText notice_text, Shares shares);
  Dispatcher dispatcher_;
  JobRunner media_;
  JobRunner mail_;
};

}  // namespace fl::workers

#pragma once

#include "workers/job_runner.hpp"

namespace fl::workers {

/// Words for a notice; given by whoever knows how notices read (the edge).
using NoticeText = std::function<std::string(const activity::NoticeRow&)>;

/// Mails one notice to its account. The claim that precedes it is durable, so after a crash an
/// unknown outcome is tried again with the same Message-ID, and never more than that.
JobResult send_notice_mail(Services& services, const pb::SendMail& work, const NoticeText& text);

}  // namespace fl::workers

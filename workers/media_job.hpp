#pragma once

#include "workers/job_runner.hpp"

namespace fl::workers {

/// Processes one upload: chunks → renditions, poster, preview → manifest → the ledger. What is
/// refused ends the upload with its reason, and its bytes go.
JobResult process_media(Services& services, const pb::ProcessMedia& work, std::stop_token stop);

/// Ends an upload at which every attempt failed; `detail` is that of the last one.
/// `media_not_in_time` when that was for want of time: its owner did nothing wrong. Else
/// `processing_failed`.
Status give_up_media(Services& services, const pb::ProcessMedia& work, const std::string& detail);

}  // namespace fl::workers

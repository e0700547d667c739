#pragma once

#include "workers/job_runner.hpp"

namespace fl::workers {

/// Processes one upload: chunks → renditions, poster, preview → manifest → the ledger. What is
/// refused ends the upload with its reason, and its bytes go.
JobResult process_media(Services& services, const pb::ProcessMedia& work, std::stop_token stop);

/// Ends the upload as refused and removes its bytes.
Status refuse_upload(Services& services, const pb::ProcessMedia& work, const Error& why);

}  // namespace fl::workers

#pragma once

#include "cli/audit/progress.hpp"
#include "cli/environment.hpp"
#include "core/log/stream_digest.hpp"

namespace fl::cli {

/// One line on the terminal that is written over and over; nothing where nobody watches.
Progress::Show progress_line(Environment& env, bool quiet);

/// The same for who reads a log's partitions; `what` says what for. It outlives the reading.
log::LogProgress log_progress(Progress& progress, const char* what);

}  // namespace fl::cli

#pragma once

#include <sys/types.h>

#include <chrono>

namespace fl::media {

/// The processor time, of all its threads, that the only child of this process has used so far.
/// Zero when it cannot be told: when there is no child, or the kernel does not name it.
std::chrono::nanoseconds cpu_time_of_child(pid_t parent);

}  // namespace fl::media

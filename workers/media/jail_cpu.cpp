#include "workers/media/jail_cpu.hpp"

#include <fmt/format.h>
#include <time.h>

#include <fstream>

namespace fl::media {

std::chrono::nanoseconds cpu_time_of_child(pid_t parent) {
  pid_t child = 0;
  std::ifstream(fmt::format("/proc/{0}/task/{0}/children", parent)) >> child;
  clockid_t clock{};
  timespec used{};
  if (child <= 0 || ::clock_getcpuclockid(child, &clock) != 0 ||
      ::clock_gettime(clock, &used) != 0) {
    return {};
  }
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

}  // namespace fl::media

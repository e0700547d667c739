#include "core/log/data_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include "core/log/log.hpp"

namespace fl::log {

namespace {

/// " (process 123)" of a lock's holder, from /proc/locks; empty when it does not say.
std::string holder_of(int fd) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return "";
  const auto inode = std::to_string(info.st_ino);
  std::ifstream locks("/proc/locks");
  for (std::string line; std::getline(locks, line);) {
    std::istringstream words(line);
    std::string number, kind, advisory, mode, pid, place;
    words >> number >> kind >> advisory >> mode >> pid >> place;
    if (kind == "FLOCK" && place.substr(place.rfind(':') + 1) == inode)
      return " (process " + pid + ")";
  }
  return "";
}

}  // namespace

Result<DataLock> DataLock::take(const std::filesystem::path& directory, Use use) {
  DataLock lock(open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (lock.fd_ < 0)
    return fail(ErrorClass::unavailable, "log_unreadable", "path",
                fmt::format("The data directory {} cannot be opened: {}.", directory.string(),
                            std::strerror(errno)));
  if (flock(lock.fd_, (use == Use::write ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0)
    return fail(
        ErrorClass::conflict, kLogInUse, "path",
        fmt::format("The data directory {} is in use by {}{}: stop that first.", directory.string(),
                    use == Use::write ? "another server or an auditor" : "a running server",
                    holder_of(lock.fd_)));
  return lock;
}

DataLock::DataLock(DataLock&& other) noexcept : fd_(other.fd_) {
  other.fd_ = -1;
}

DataLock::~DataLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace fl::log

#include "cli/new_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace fl::cli {
namespace {

Failure unwritable(const std::filesystem::path& path) {
  return fail(ErrorClass::unavailable, "file_unwritable", path.string(),
              fmt::format("The file cannot be written: {}.", std::strerror(errno)));
}
Failure already_there(const std::filesystem::path& path) {
  return fail(ErrorClass::malformed, "file_exists", path.string(),
              "The file exists already: a key is not overwritten.");
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return ::fsync(fd) == 0;
}

}  // namespace

Status write_new_file(const std::filesystem::path& path, std::string_view text, mode_t mode,
                      bool replace) {
  // Written beside and named at the end: no half a key, and no key replaced by a race.
  std::string beside = path.string() + ".XXXXXX";
  const int fd = ::mkostemp(beside.data(), O_CLOEXEC);
  if (fd < 0) return unwritable(path);
  const bool written = ::fchmod(fd, mode) == 0 && write_all(fd, text);
  ::close(fd);
  bool named = false;
  if (written) {
    named = (replace ? ::rename(beside.c_str(), path.c_str())
                     : ::link(beside.c_str(), path.c_str())) == 0;
  }
  const int error = errno;
  if (!replace || !named) ::unlink(beside.c_str());
  errno = error;
  if (named) return {};
  if (error == EEXIST) return already_there(path);
  return unwritable(path);
}

Status check_absent(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::exists(std::filesystem::symlink_status(path, ignored))) {
    return already_there(path);
  }
  return {};
}

}  // namespace fl::cli

#include "core/secrets/durable_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "core/secrets/secret_key.hpp"

namespace fl::secrets {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

Failure storage_failed(const char* what, const std::filesystem::path& path, int error) {
  return fail(ErrorClass::unavailable, "storage_failed", "",
              fmt::format("Could not {} {}: {}.", what, path.string(),
                          std::generic_category().message(error)));
}

bool write_all(int fd, std::string_view content) {
  while (!content.empty()) {
    const auto written = ::write(fd, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

}  // namespace

Status sync_folder(const std::filesystem::path& folder) {
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.get() < 0 || ::fsync(fd.get()) != 0) return storage_failed("sync", folder, errno);
  return {};
}

Status write_new_file(const std::filesystem::path& path, std::string_view content, mode_t mode) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  std::string name = (folder / ("." + path.filename().string() + ".XXXXXX")).string();
  const Descriptor fd(::mkostemp(name.data(), O_CLOEXEC));
  if (fd.get() < 0) return storage_failed("create", path, errno);
  int error = 0;
  if (::fchmod(fd.get(), mode) != 0 || !write_all(fd.get(), content) || ::fsync(fd.get()) != 0 ||
      ::link(name.c_str(), path.c_str()) != 0) {  // unlike a rename, a link never replaces
    error = errno;
  }
  ::unlink(name.c_str());
  if (error == EEXIST) {
    return fail(ErrorClass::conflict, "file_exists", "",
                fmt::format("{} is there already.", path.string()));
  }
  if (error != 0) return storage_failed("write", path, error);
  return sync_folder(folder);
}

Result<std::string> read_secret_file(const std::filesystem::path& path, std::size_t max_bytes) {
  const Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0) {
    return fail(ErrorClass::unavailable, "secret_missing", "",
                fmt::format("Could not open {}: {}.", path.string(),
                            std::generic_category().message(errno)));
  }
  struct stat about {};
  if (::fstat(fd.get(), &about) != 0) return storage_failed("read", path, errno);
  if (S_ISREG(about.st_mode) && (about.st_mode & 077) != 0) {
    return fail(ErrorClass::unavailable, "secret_exposed", "",
                fmt::format("{} may be read by others than its owner: make it 0600, and consider "
                            "replacing the secret.",
                            path.string()));
  }
  if (!S_ISREG(about.st_mode) || about.st_size > static_cast<off_t>(max_bytes)) {
    return fail(ErrorClass::unavailable, "secret_damaged", "",
                fmt::format("{} is not a file of at most {} bytes.", path.string(), max_bytes));
  }
  std::string content(static_cast<std::size_t>(about.st_size), '\0');
  std::size_t have = 0;
  while (have < content.size()) {
    const auto got = ::read(fd.get(), content.data() + have, content.size() - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      const int error = got < 0 ? errno : EIO;
      wipe(content);
      return storage_failed("read", path, error);
    }
    have += static_cast<std::size_t>(got);
  }
  return content;
}

}  // namespace fl::secrets

#include "core/blobs/storage.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace fl::blobs {

Failure storage_error(std::string_view what, int error_number) {
  const bool full = error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG;
  return fail(ErrorClass::unavailable, full ? "storage_full" : "storage_failed", "",
              fmt::format("The blob store failed when {}: {}.", what,
                          std::generic_category().message(error_number)));
}

Status write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return storage_error("writing", errno);
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string> read_at(int fd, std::uint64_t offset, std::size_t size) {
  std::string bytes(size, '\0');
  std::size_t have = 0;
  while (have < size) {
    const auto count =
        ::pread(fd, bytes.data() + have, size - have, static_cast<off_t>(offset + have));
    if (count < 0) {
      if (errno == EINTR) continue;
      return storage_error("reading", errno);
    }
    if (count == 0) break;
    have += static_cast<std::size_t>(count);
  }
  bytes.resize(have);
  return bytes;
}

Status sync_directory(const std::string& path) {
  const FileDescriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return storage_error("opening a folder", errno);
  if (::fsync(folder.get()) != 0) return storage_error("syncing a folder", errno);
  return {};
}

Result<FileDescriptor> open_plain_file(const std::string& path) {
  // O_NONBLOCK: opening a pipe must not wait for a writer.
  FileDescriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
  if (!file.valid()) {
    if (errno == ENOENT) {
      return fail(ErrorClass::not_found, "file_missing", "", "There is no such file.");
    }
    return storage_error("opening a file", errno);
  }
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return storage_error("looking at a file", errno);
  if (!S_ISREG(status.st_mode)) {
    return fail(ErrorClass::unavailable, "storage_failed", "", "What should be a file is not one.");
  }
  return file;
}

Result<std::uint64_t> file_size(int fd) {
  struct stat status {};
  if (::fstat(fd, &status) != 0) return storage_error("looking at a file", errno);
  return static_cast<std::uint64_t>(status.st_size);
}

}  // namespace fl::blobs

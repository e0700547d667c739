#include "core/log/embedded_import.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace fl::log {

namespace {

namespace fs = std::filesystem;

Failure failed(const fs::path& path, std::string_view why) {
  return fail(ErrorClass::unavailable, kLogFailed, "path",
              fmt::format("The log cannot be put at {}: {}.", path.string(), why));
}

Status sync_directory(const fs::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = fd >= 0 && fsync(fd) == 0;
  const int error = errno;
  if (fd >= 0) close(fd);
  return synced ? Status() : failed(path, std::strerror(error));
}

}  // namespace

fs::path EmbeddedImport::beside(const fs::path& path) {
  return path.string() + ".importing";
}

Status EmbeddedImport::check_place(const fs::path& path) {
  std::error_code error;
  if (!fs::exists(path, error) || fs::is_empty(path, error)) return {};
  const auto standing = EmbeddedLogReader::open(path);
  if (!standing) return fail(standing.error());
  return check_empty(**standing);
}

Result<std::unique_ptr<EmbeddedImport>> EmbeddedImport::begin(const fs::path& path,
                                                              std::vector<StreamConfig> streams) {
  if (auto empty = check_place(path); !empty) return fail(empty.error());
  std::error_code error;
  const bool resumed = fs::exists(beside(path), error);
  auto log = EmbeddedLog::open(beside(path), std::move(streams));
  if (!log) return fail(log.error());
  return std::unique_ptr<EmbeddedImport>(new EmbeddedImport(path, std::move(*log), resumed));
}

Status EmbeddedImport::finish() {
  if (auto closed = log_->close(); !closed) return closed;
  log_.reset();
  // Looked at again, since time has passed: a log that has begun there meanwhile stays.
  if (auto empty = check_place(path_); !empty) return empty;
  std::error_code error;
  fs::remove_all(path_, error);
  if (!error) fs::rename(beside(path_), path_, error);
  if (error) return failed(path_, error.message());
  return sync_directory(path_.has_parent_path() ? path_.parent_path() : fs::path("."));
}

}  // namespace fl::log

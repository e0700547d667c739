#pragma once

#include <filesystem>

#include "core/base/error.hpp"

namespace fl::log {

/// Who may use a data directory: one writer, or any number of readers. A `flock` on the directory
/// itself, so it leaves nothing behind, ends with the process however that dies, and a reader
/// writes nothing. Errors: conflict `log_in_use`, naming the process where the kernel tells it;
/// unavailable when the directory cannot be opened.
class DataLock {
 public:
  enum class Use { write, read };
  static Result<DataLock> take(const std::filesystem::path& directory, Use use);

  DataLock(DataLock&& other) noexcept;
  DataLock& operator=(DataLock&&) = delete;
  ~DataLock();

 private:
  explicit DataLock(int fd) : fd_(fd) {}
  int fd_;
};

}  // namespace fl::log

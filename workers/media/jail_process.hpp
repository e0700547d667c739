#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/base/error.hpp"
#include "core/blobs/file_descriptor.hpp"

namespace fl::media {

/// The launcher's fixed descriptors beside 0, 1 and 2: its reports, a pipe whose other end the
/// jail's first process keeps open as long as it lives, and the filter of system calls.
inline constexpr int kStatusFd = 3;
inline constexpr int kAliveFd = 4;
inline constexpr int kFilterFd = 5;

/// A started launcher and our ends of its pipes, all non-blocking. Killed and reaped at the end.
class JailProcess {
 public:
  static Result<JailProcess> start(const std::vector<std::string>& command_line);
  JailProcess(JailProcess&& other) noexcept
      : pid_(std::exchange(other.pid_, std::nullopt)),
        out_(std::move(other.out_)),
        errors_(std::move(other.errors_)),
        status_(std::move(other.status_)),
        alive_(std::move(other.alive_)) {}
  JailProcess& operator=(JailProcess&&) = delete;
  ~JailProcess();

  int out() const { return out_.get(); }
  int errors() const { return errors_.get(); }
  int status() const { return status_.get(); }
  int alive() const { return alive_.get(); }
  void kill() const;
  void wait();  ///< for the launcher's own end; it ends with the jail

 private:
  explicit JailProcess(pid_t pid) : pid_(pid) {}
  std::optional<pid_t> pid_;
  blobs::FileDescriptor out_, errors_, status_, alive_;
};

}  // namespace fl::media

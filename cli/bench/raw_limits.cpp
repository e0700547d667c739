#include "cli/bench/raw_limits.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>

#include "core/base/sha256.hpp"

namespace fl::cli {

Result<RawLimits> measure_raw_limits(const std::filesystem::path& folder,
                                     const std::vector<std::string>& records) {
  using Steady = std::chrono::steady_clock;
  const auto seconds = [](Steady::time_point from) {
    return std::chrono::duration<double>(Steady::now() - from).count();
  };
  RawLimits limits;
  const auto path = folder / "raw";
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0) {
    return fail(ErrorClass::unavailable, "storage_failed", "dir", "A file cannot be made.");
  }
  auto begin = Steady::now();
  bool good = true;
  for (const auto& record : records) {
    good = good &&
           ::write(file, record.data(), record.size()) == static_cast<ssize_t>(record.size()) &&
           ::fdatasync(file) == 0;
    limits.bytes += record.size();
  }
  limits.append_seconds = seconds(begin);
  ::close(file);
  ::unlink(path.c_str());
  if (!good) return fail(ErrorClass::unavailable, "storage_failed", "dir", "A write failed.");
  begin = Steady::now();
  Sha256 hash;
  for (const auto& record : records) hash.update(record);
  (void)hash.finish();
  limits.hash_seconds = seconds(begin);
  return limits;
}

}  // namespace fl::cli

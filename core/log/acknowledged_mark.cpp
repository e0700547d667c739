#include "core/log/acknowledged_mark.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <string>

#include "core/base/encoding.hpp"
#include "core/log/crc32c.hpp"
#include "core/log/log.hpp"

namespace fl::log {

namespace {

constexpr std::size_t kSlotBytes = 16;     // "FLAK", sequence u64, CRC-32C u32
constexpr off_t kSecondSlot = 4096;        // another block: one torn write cannot hurt both
constexpr std::string_view kTag = "FLAK";  // fanledger acknowledged

Failure broken(const std::filesystem::path& file, std::string_view what) {
  return fail(
      ErrorClass::unavailable, kLogFailed, "",
      fmt::format("The file {} cannot be {}: {}.", file.string(), what, std::strerror(errno)));
}

std::uint64_t slot_at(int fd, off_t at) {
  std::string bytes(kSlotBytes, '\0');
  if (pread(fd, bytes.data(), bytes.size(), at) != static_cast<ssize_t>(kSlotBytes)) return 0;
  BinaryReader in(bytes);
  const auto tag = in.raw(4);
  const auto sequence = in.u64();
  const auto crc = in.u32();
  return tag == kTag && crc == crc32c(std::string_view(bytes).substr(0, 12)) ? sequence : 0;
}

}  // namespace

Result<std::uint64_t> AcknowledgedMark::load(const std::filesystem::path& directory) {
  AcknowledgedMark mark(directory, O_RDONLY | O_CLOEXEC);
  if (mark.fd_ < 0) {
    if (errno == ENOENT) return 0;
    return broken(mark.path_, "opened");
  }
  return std::max(slot_at(mark.fd_, 0), slot_at(mark.fd_, kSecondSlot));
}

Result<AcknowledgedMark> AcknowledgedMark::open(const std::filesystem::path& directory) {
  AcknowledgedMark mark(directory, O_RDWR | O_CREAT | O_CLOEXEC);
  if (mark.fd_ < 0) return broken(mark.path_, "opened");
  mark.second_slot_ = slot_at(mark.fd_, 0) > slot_at(mark.fd_, kSecondSlot);
  return mark;
}

AcknowledgedMark::AcknowledgedMark(const std::filesystem::path& directory, int flags)
    : path_(directory / kFileName), fd_(::open(path_.c_str(), flags, 0600)) {}

AcknowledgedMark::AcknowledgedMark(AcknowledgedMark&& other) noexcept
    : path_(std::move(other.path_)), fd_(other.fd_), second_slot_(other.second_slot_) {
  other.fd_ = -1;
}

AcknowledgedMark::~AcknowledgedMark() {
  if (fd_ >= 0) close(fd_);
}

Status AcknowledgedMark::store(std::uint64_t sequence) {
  std::string bytes(kTag);
  put_u64(bytes, sequence);
  put_u32(bytes, crc32c(bytes));
  if (pwrite(fd_, bytes.data(), bytes.size(), second_slot_ ? kSecondSlot : 0) !=
      static_cast<ssize_t>(bytes.size()))
    return broken(path_, "written");
  second_slot_ = !second_slot_;
  return {};
}

Status AcknowledgedMark::sync() {
  if (fdatasync(fd_) != 0) return broken(path_, "synced");
  return {};
}

}  // namespace fl::log

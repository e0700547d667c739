#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/error.hpp"

namespace fl::log {

/// How far writes were acknowledged, kept beside the database: after each sync its sequence number
/// is written here, without a sync of its own. So it is never ahead of what is durable, survives
/// the death of the process, and may be old after a power loss. A database that recovers to less
/// has lost acknowledged writes (a cut or damaged write-ahead log, a disk that lied), and is not
/// opened: without the mark, a log cut at a record's end looks whole.
class AcknowledgedMark {
 public:
  static constexpr const char* kFileName = "ACKNOWLEDGED";

  /// The mark in a directory; 0 when there is none or no slot of it verifies. Writes nothing.
  static Result<std::uint64_t> load(const std::filesystem::path& directory);

  /// For writing; makes the file when it is missing.
  static Result<AcknowledgedMark> open(const std::filesystem::path& directory);

  AcknowledgedMark(AcknowledgedMark&& other) noexcept;
  AcknowledgedMark& operator=(AcknowledgedMark&&) = delete;
  ~AcknowledgedMark();

  /// Not thread-safe. Goes to the two slots in turn, so that a torn write leaves the other.
  Status store(std::uint64_t sequence);
  Status sync();

 private:
  AcknowledgedMark(const std::filesystem::path& directory, int flags);
  std::filesystem::path path_;
  int fd_;
  bool second_slot_ = false;
};

}  // namespace fl::log

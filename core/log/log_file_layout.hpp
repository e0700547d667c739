#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/sha256.hpp"
#include "core/log/log_file.hpp"

/// The bytes of an export file, as FORMAT.md describes them; for its writer and readers only.
namespace fl::log::file_layout {

inline constexpr std::string_view kMagic = "FLLOGEXP";
inline constexpr std::uint16_t kVersion = 1;
inline constexpr std::uint8_t kRecordTag = 1;
inline constexpr std::uint8_t kTrailerTag = 2;
inline constexpr std::size_t kMaxLedgerId = 256;

std::string encode_header(const LogFileHeader& header);
bool is_valid(const LogFileHeader& header);
/// The entry up to the value, and the checksum that follows the value.
std::string encode_entry_head(Stream stream, PartitionIndex partition, const Record& record);
std::string encode_entry_crc(std::string_view head, std::string_view value);
std::string encode_trailer(const std::vector<LogFileTrailer::Place>& places);  ///< without digest

/// Every place of the header, in order, empty.
std::vector<LogFileTrailer::Place> places_of(const LogFileHeader& header);
/// Whether a record may follow what the place has so far, which it then counts.
bool count(LogFileTrailer::Place& place, bool compacted, Offset offset);

/// A place in a file that moves forward; reads with a buffer of its own, by position, so that many
/// may share a descriptor.
class Cursor {
 public:
  Cursor(int fd, std::uint64_t at, Sha256* hash) : fd_(fd), at_(at), hash_(hash) {}

  /// Exactly `size` bytes, hashed when there is a hash. Error: the file ends, or cannot be read.
  Result<std::string> take(std::size_t size);
  bool at_end();
  std::uint64_t at() const { return at_; }
  void stop_hashing() { hash_ = nullptr; }

 private:
  bool fill();

  int fd_;
  std::uint64_t at_;
  Sha256* hash_;
  std::string buffer_;
  std::size_t used_ = 0;
  bool failed_ = false;
};

Failure broken(std::uint64_t byte, std::string_view what);
Result<LogFileHeader> read_header(Cursor& in);
/// The entry after its tag, whose place is `byte`.
Result<LogFileScanner::Entry> read_entry(Cursor& in, std::uint64_t byte);
/// The trailer after its tag; its digest is that of the cursor's hash.
Result<LogFileTrailer> read_trailer(Cursor& in, Sha256& hash);

}  // namespace fl::log::file_layout

#include "core/log/wal_check.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

#include "core/log/crc32c.hpp"
#include "core/log/log.hpp"

namespace fl::log {

namespace {

// RocksDB's log format (doc/log_format.md of LevelDB; the wiki's Write-Ahead-Log-File-Format):
// blocks of 32 KiB; a fragment is CRC-32C (masked) u32, length u16, type u8, payload, all
// little-endian; a write is one full fragment, or a first, any middles and a last. Less than a
// head at the end of a block is filled with zeros. The payload begins with the write's first
// sequence number u64 and the count of its operations u32.
constexpr std::size_t kBlockBytes = 32768;
constexpr std::size_t kHeadBytes = 7;
constexpr std::size_t kWriteHeadBytes = 12;
enum FragmentType : std::uint8_t { kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

struct Fragment {
  std::uint8_t type = 0;
  std::string_view payload;
  bool begins() const { return type == kFull || type == kFirst; }
};

template <class Integer>
Integer little_endian(const char* at) {
  Integer value = 0;
  for (std::size_t i = 0; i < sizeof(Integer); ++i)
    value = static_cast<Integer>(value | static_cast<Integer>(static_cast<std::uint8_t>(at[i]))
                                             << (8 * i));
  return value;
}

/// The fragment at the front of `bytes` (what is left of a block), if it verifies.
std::optional<Fragment> fragment_at(std::string_view bytes) {
  if (bytes.size() < kHeadBytes) return std::nullopt;
  const auto stored = little_endian<std::uint32_t>(bytes.data());
  const auto length = little_endian<std::uint16_t>(bytes.data() + 4);
  const auto type = static_cast<std::uint8_t>(bytes[6]);
  if (type < kFull || type > kLast || kHeadBytes + length > bytes.size()) return std::nullopt;
  const auto crc = crc32c(bytes.substr(6, 1u + length));
  const auto masked = ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
  if (masked != stored) return std::nullopt;
  return Fragment{type, bytes.substr(kHeadBytes, length)};
}

struct Sequences {
  std::uint64_t first = 0;
  std::uint32_t count = 0;
};

/// Of the first bytes of a write.
std::optional<Sequences> sequences_of(std::string_view head) {
  if (head.size() < kWriteHeadBytes) return std::nullopt;
  return Sequences{little_endian<std::uint64_t>(head.data()),
                   little_endian<std::uint32_t>(head.data() + 8)};
}

/// Walks one file after the other; remembers the first bad place.
class Walk {
 public:
  Result<WalEnd> over(const std::vector<std::filesystem::path>& files) {
    for (const auto& file : files) {
      std::ifstream in(file, std::ios::binary);
      if (!in)
        return fail(ErrorClass::unavailable, "log_unreadable", "",
                    fmt::format("The file {} cannot be opened.", file.string()));
      file_ = file;
      next_sequence_.reset();
      unfinished_.reset();
      std::string block(kBlockBytes, '\0');
      for (std::uint64_t start = 0;; start += kBlockBytes) {
        in.read(block.data(), static_cast<std::streamsize>(kBlockBytes));
        const auto size = static_cast<std::size_t>(in.gcount());
        if (size == 0) break;
        read_block(std::string_view(block).substr(0, size), start);
        if (damage_at_) return damage();
      }
      if (in.bad())
        return fail(ErrorClass::unavailable, "log_unreadable", "",
                    fmt::format("The file {} cannot be read.", file.string()));
      if (unfinished_) bad_place(*unfinished_);
    }
    return end_;
  }

 private:
  bool torn() const { return !end_.torn_file.empty(); }

  void bad_place(std::uint64_t at) {
    end_.torn_file = file_;
    end_.torn_at = unfinished_.value_or(at);
    unfinished_.reset();
  }

  void read_block(std::string_view block, std::uint64_t start) {
    for (std::size_t at = 0; at < block.size();) {
      const auto rest = block.substr(at);
      if (rest.size() < kHeadBytes && block.size() == kBlockBytes) return;  // the block's filling
      const auto fragment = fragment_at(rest);
      if (!torn() && !(fragment && accept(*fragment, start + at))) bad_place(start + at);
      if (torn() && fragment && starts_later_write(*fragment)) {
        damage_at_ = end_.torn_at;
        return;
      }
      at += fragment ? kHeadBytes + fragment->payload.size() : 1;
    }
  }

  /// Whether the fragment goes on where the ones before it ended.
  bool accept(const Fragment& fragment, std::uint64_t at) {
    if (fragment.begins() == unfinished_.has_value()) return false;
    if (fragment.begins()) {
      head_.clear();
      unfinished_ = at;
    }
    // the write's head may itself be cut by the end of a block
    head_ += fragment.payload.substr(0, kWriteHeadBytes - head_.size());
    const auto sequences = sequences_of(head_);
    if (sequences && next_sequence_ && *next_sequence_ != sequences->first) return false;
    if (fragment.type != kFull && fragment.type != kLast) return true;
    if (!sequences) return false;
    unfinished_.reset();
    const auto next = sequences->first + sequences->count;
    // a write without operations only states a sequence number
    if (sequences->count > 0) next_sequence_ = next;
    if (next > 0) end_.last_sequence = std::max(end_.last_sequence, next - 1);
    return true;
  }

  /// A sequence number that was passed long ago is an old block's, not a later write's.
  bool starts_later_write(const Fragment& fragment) const {
    if (!fragment.begins()) return false;
    const auto sequences = sequences_of(fragment.payload);
    return !sequences || sequences->first > end_.last_sequence;
  }

  Failure damage() const {
    return fail(ErrorClass::unavailable, kLogDamaged, "",
                fmt::format("The log is damaged in {} at byte {}: whole writes stand behind it.",
                            end_.torn_file.string(), *damage_at_));
  }

  WalEnd end_;
  std::filesystem::path file_;
  std::optional<std::uint64_t> next_sequence_;  ///< in this file
  std::optional<std::uint64_t> unfinished_;     ///< where a write began whose last is to come
  std::string head_;                            ///< of the latest write, up to kWriteHeadBytes
  std::optional<std::uint64_t> damage_at_;
};

}  // namespace

Result<WalEnd> check_wals(const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  std::error_code error;
  for (std::filesystem::directory_iterator it(directory, error), last; !error && it != last;
       it.increment(error)) {
    const auto name = it->path().stem().string();
    if (it->path().extension() == ".log" && !name.empty() &&
        std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; }))
      files.push_back(it->path());
  }
  if (error)
    return fail(
        ErrorClass::unavailable, "log_unreadable", "path",
        fmt::format("The directory {} cannot be read: {}.", directory.string(), error.message()));
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) {
    const auto left = a.stem().string(), right = b.stem().string();
    return std::pair(left.size(), left) < std::pair(right.size(), right);
  });
  return Walk().over(files);
}

}  // namespace fl::log

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace fl::nodes {

inline constexpr std::size_t kFrameHeader = 4;

/// Appends one frame: the length of the message as 4 bytes, big-endian, and the message.
void put_frame(std::string& out, std::string_view message);

/// Cuts what comes into messages.
class FrameReader {
 public:
  explicit FrameReader(std::size_t max_message) : max_message_(max_message) {}

  /// Where the next bytes go, and how many at most; then how many came.
  std::pair<char*, std::size_t> space();
  void came(std::size_t bytes) { end_ += bytes; }

  /// The next whole message, valid until the next call of `space`; nothing when more must come, or
  /// when `broken`.
  std::optional<std::string_view> next();
  bool broken() const { return broken_; }  ///< a frame is empty or too large: for good
  bool within_frame() const { return begin_ < end_; }

 private:
  std::size_t missing() const;  ///< of the frame that has begun

  const std::size_t max_message_;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  bool broken_ = false;
};

}  // namespace fl::nodes

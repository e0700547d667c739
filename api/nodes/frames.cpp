#include "api/nodes/frames.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/base/encoding.hpp"

namespace fl::nodes {
namespace {

constexpr std::size_t kReadBytes = 64 * 1024;

std::size_t length_at(const std::string& buffer, std::size_t at) {
  return BinaryReader(std::string_view(buffer).substr(at, kFrameHeader)).u32();
}

}  // namespace

void put_frame(std::string& out, std::string_view message) {
  put_u32(out, static_cast<std::uint32_t>(message.size()));
  out.append(message);
}

std::size_t FrameReader::missing() const {
  if (end_ - begin_ < kFrameHeader) return kFrameHeader;
  return kFrameHeader + length_at(buffer_, begin_) - (end_ - begin_);
}

std::pair<char*, std::size_t> FrameReader::space() {
  if (begin_ > 0) {
    std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  // What a large message took is given back once it has been read.
  const auto wanted = end_ + std::max(kReadBytes, missing());
  buffer_.resize(wanted);
  if (buffer_.capacity() > 4 * std::max(wanted, kReadBytes)) buffer_.shrink_to_fit();
  return {buffer_.data() + end_, buffer_.size() - end_};
}

std::optional<std::string_view> FrameReader::next() {
  if (broken_ || end_ - begin_ < kFrameHeader) return std::nullopt;
  const auto length = length_at(buffer_, begin_);
  if (length == 0 || length > max_message_) {
    broken_ = true;
    return std::nullopt;
  }
  if (end_ - begin_ < kFrameHeader + length) return std::nullopt;
  const auto message = std::string_view(buffer_).substr(begin_ + kFrameHeader, length);
  begin_ += kFrameHeader + length;
  return message;
}

}  // namespace fl::nodes

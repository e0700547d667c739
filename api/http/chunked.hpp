#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace fl::http {

/// Decodes `Transfer-Encoding: chunked`, strictly: 1 to 15 hexadecimal digits, CRLF everywhere, no
/// control characters in extensions, trailers read over and dropped. Fed with whatever is buffered;
/// it says how much of it to consume.
class ChunkDecoder {
 public:
  explicit ChunkDecoder(std::size_t max_line) : max_line_(max_line) {}

  struct Step {
    enum Kind {
      need_more,  ///< consume, read more, come again
      data,       ///< consume `skip`, then up to `size` bytes are data: report with take()
      end,        ///< consume `skip`; the body is whole
      malformed,
    };
    Kind kind = need_more;
    std::size_t skip = 0;
    std::uint64_t size = 0;
  };
  Step next(std::string_view buffered);
  void take(std::uint64_t bytes) { left_ -= bytes; }

 private:
  enum class State { size_line, data, data_end, trailer, done };
  State state_ = State::size_line;
  std::uint64_t left_ = 0;
  std::size_t trailer_bytes_ = 0;
  const std::size_t max_line_;
};

}  // namespace fl::http

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "api/http/awaitable.hpp"
#include "core/base/error.hpp"

namespace fl::http {

/// The body of a streamed request, read by its handler alone, on the connection's executor.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// 1 or more bytes, or 0 at the end of a whole body. Errors: body_truncated (the client went
  /// away), request_timeout (too slow), body_too_large, chunk_malformed. After an error the
  /// connection closes; whatever was read of the body is not whole.
  virtual boost::asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) = 0;
  /// What the client declared; nothing when it sends chunks.
  virtual std::optional<std::uint64_t> declared_length() const = 0;
  virtual std::uint64_t bytes_read() const = 0;
};

}  // namespace fl::http

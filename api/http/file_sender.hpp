#pragma once

#include <memory>

#include "api/http/awaitable.hpp"
#include "api/http/blocking_pool.hpp"
#include "api/http/response.hpp"
#include "api/http/stream.hpp"

namespace fl::http {

/// An open file, ready to be sent. Disk is touched by the pool's threads alone.
class FileSender {
 public:
  /// Error `file_unavailable` when it cannot be opened or is shorter than the body says.
  static boost::asio::awaitable<Result<FileSender>> open(BlockingPool& pool, const FileBody& body);

  /// Sends bytes [offset, offset + length) of the body by sendfile(2), never more than the socket
  /// takes. False when the client is gone or too slow.
  boost::asio::awaitable<bool> send(BlockingPool& pool, Stream& stream, std::uint64_t offset,
                                    std::uint64_t length) const;

 private:
  explicit FileSender(std::shared_ptr<const int> descriptor, std::uint64_t base)
      : descriptor_(std::move(descriptor)), base_(base) {}
  std::shared_ptr<const int> descriptor_;  ///< closes with its last owner
  std::uint64_t base_;
};

}  // namespace fl::http

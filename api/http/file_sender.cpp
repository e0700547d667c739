#include "api/http/file_sender.hpp"

#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace fl::http {
namespace asio = boost::asio;
namespace {

constexpr std::uint64_t kPiece = 256 * 1024;  // what one visit to the pool reads at most

Failure unavailable() {
  return fail(ErrorClass::unavailable, "file_unavailable", "", "This file cannot be read now.");
}

Result<std::shared_ptr<const int>> open_file(const FileBody& body) {
  const int fd = ::open(body.path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  if (fd < 0) return unavailable();
  std::shared_ptr<const int> owner(new int(fd), [](const int* owned) {
    ::close(*owned);
    delete owned;
  });
  struct stat info {};
  if (::fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) return unavailable();
  const auto size = static_cast<std::uint64_t>(info.st_size);
  if (body.offset > size || body.length > size - body.offset) return unavailable();
  return owner;
}

/// Bytes sent, 0 when the socket is full, −1 when the file or the connection is broken.
ssize_t send_piece(int socket, int file, std::uint64_t offset, std::uint64_t length) {
  auto at = static_cast<off_t>(offset);
  for (;;) {
    const ssize_t sent =
        ::sendfile(socket, file, &at, static_cast<std::size_t>(std::min(length, kPiece)));
    if (sent > 0) return sent;
    if (sent == 0) return -1;  // the file ended early
    if (errno == EAGAIN || errno == EWOULDBLOCK) return 0;
    if (errno != EINTR) return -1;
  }
}

}  // namespace

asio::awaitable<Result<FileSender>> FileSender::open(BlockingPool& pool, const FileBody& body) {
  auto work = [body] { return open_file(body); };
  auto descriptor = co_await pool.run(std::move(work));
  if (!descriptor) co_return fail(descriptor.error());
  co_return FileSender(*descriptor, body.offset);
}

asio::awaitable<bool> FileSender::send(BlockingPool& pool, Stream& stream, std::uint64_t offset,
                                       std::uint64_t length) const {
  boost::system::error_code ec;
  stream.socket().native_non_blocking(true, ec);
  if (ec) co_return false;
  const int socket = stream.socket().native_handle();
  while (length > 0) {
    auto work = [file = descriptor_, socket, from = base_ + offset, length] {
      return send_piece(socket, *file, from, length);
    };
    const auto sent = co_await pool.run(std::move(work));
    if (!sent || *sent < 0) co_return false;
    offset += static_cast<std::uint64_t>(*sent);
    length -= static_cast<std::uint64_t>(*sent);
    if (*sent > 0) continue;
    const bool writable = co_await stream.wait_writable();
    if (!writable) co_return false;
  }
  co_return true;
}

}  // namespace fl::http

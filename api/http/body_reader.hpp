#pragma once

#include "api/http/body_source.hpp"
#include "api/http/chunked.hpp"
#include "api/http/header_block.hpp"
#include "api/http/stream.hpp"

namespace fl::http {

/// The body of the request that `head` began, off the connection's stream.
class BodyReader final : public BodySource {
 public:
  BodyReader(Stream& stream, const Head& head);

  boost::asio::awaitable<Result<std::size_t>> read_some(std::span<char> into) override;
  std::optional<std::uint64_t> declared_length() const override { return declared_; }
  std::uint64_t bytes_read() const override { return read_; }

  void limit(std::uint64_t bytes) { limit_ = bytes; }  ///< read_some refuses what is beyond
  boost::asio::awaitable<Result<std::string>> read_all();
  /// Whether nothing of the body is left on the wire, dropping what has arrived already: only then
  /// may another request follow.
  bool drop_buffered();

 private:
  boost::asio::awaitable<Status> wait_for_input();
  boost::asio::awaitable<Result<std::size_t>> read_plain(std::span<char> into);
  boost::asio::awaitable<Result<std::size_t>> read_chunked(std::span<char> into);
  Failure broken(Error error);
  Limits::Millis patience() const;
  Status count(std::size_t bytes);

  Stream& stream_;
  const std::optional<std::uint64_t> declared_;
  const bool chunked_;
  bool expect_continue_;
  ChunkDecoder decoder_;
  std::uint64_t limit_ = 0;
  std::uint64_t read_ = 0;
  std::chrono::nanoseconds waited_{0};
  bool done_;
  std::optional<Error> broken_;
};

}  // namespace fl::http

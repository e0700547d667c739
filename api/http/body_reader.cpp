#include "api/http/body_reader.hpp"

#include <algorithm>
#include <cstring>

namespace fl::http {
namespace asio = boost::asio;
namespace {

Error truncated() {
  return {ErrorClass::malformed, "body_truncated", "", "The body ended before its end."};
}
Error too_slow() {
  return {ErrorClass::malformed, "request_timeout", "", "The body came too slowly."};
}
Error too_large(std::uint64_t limit) {
  return {ErrorClass::malformed, "body_too_large", "",
          "The body may have at most " + std::to_string(limit) + " bytes."};
}
Error bad_chunk() {
  return {ErrorClass::malformed, "chunk_malformed", "", "The body is not validly chunked."};
}

}  // namespace

BodyReader::BodyReader(Stream& stream, const Head& head)
    : stream_(stream),
      declared_(head.request.content_length),
      chunked_(head.chunked),
      expect_continue_(head.expect_continue),
      decoder_(stream.limits().chunk_line_bytes),
      done_(!head.request.has_body) {}

Failure BodyReader::broken(Error error) {
  broken_ = error;
  return fail(std::move(error));
}

/// How long the next read may wait: the silence allowed, and what is left of the time that the
/// minimum rate grants for the bytes so far.
Limits::Millis BodyReader::patience() const {
  const auto& limits = stream_.limits();
  const auto earned = Limits::Millis(static_cast<std::int64_t>(
      read_ * 1000 / std::max<std::uint64_t>(limits.body_bytes_per_second, 1)));
  const auto left =
      limits.body_grace + earned - std::chrono::duration_cast<Limits::Millis>(waited_);
  return std::clamp(left, Limits::Millis(1), limits.body_stall);
}

Status BodyReader::count(std::size_t bytes) {
  read_ += bytes;
  if (read_ > limit_) return broken(too_large(limit_));
  return {};
}

asio::awaitable<Status> BodyReader::wait_for_input() {
  const auto from = Deadline::Clock::now();
  const auto read = co_await stream_.fill(patience());
  waited_ += Deadline::Clock::now() - from;
  if (read == Stream::Read::timed_out) co_return broken(too_slow());
  if (read == Stream::Read::closed) co_return broken(truncated());
  co_return Status{};
}

asio::awaitable<Result<std::size_t>> BodyReader::read_plain(std::span<char> into) {
  const auto want =
      static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), *declared_ - read_));
  std::size_t got = std::min(want, stream_.buffered().size());
  if (got > 0) {
    std::memcpy(into.data(), stream_.buffered().data(), got);
    stream_.consume(got);
  } else {
    const auto from = Deadline::Clock::now();
    const auto read = co_await stream_.read_into(into.data(), want, got, patience());
    waited_ += Deadline::Clock::now() - from;
    if (read == Stream::Read::timed_out) co_return broken(too_slow());
    if (read == Stream::Read::closed) co_return broken(truncated());
  }
  if (auto counted = count(got); !counted) co_return fail(counted.error());
  done_ = read_ == *declared_;
  co_return got;
}

asio::awaitable<Result<std::size_t>> BodyReader::read_chunked(std::span<char> into) {
  for (;;) {
    const auto step = decoder_.next(stream_.buffered());
    stream_.consume(step.skip);
    switch (step.kind) {
      case ChunkDecoder::Step::malformed:
        co_return broken(bad_chunk());
      case ChunkDecoder::Step::end:
        done_ = true;
        co_return std::size_t{0};
      case ChunkDecoder::Step::data: {
        if (step.size > limit_ || read_ > limit_ - step.size) co_return broken(too_large(limit_));
        const auto input = stream_.buffered();
        const auto got = static_cast<std::size_t>(
            std::min<std::uint64_t>({into.size(), input.size(), step.size}));
        if (got == 0) break;
        std::memcpy(into.data(), input.data(), got);
        stream_.consume(got);
        decoder_.take(got);
        if (auto counted = count(got); !counted) co_return fail(counted.error());
        co_return got;
      }
      case ChunkDecoder::Step::need_more:
        break;
    }
    if (auto more = co_await wait_for_input(); !more) co_return fail(more.error());
  }
}

asio::awaitable<Result<std::size_t>> BodyReader::read_some(std::span<char> into) {
  if (broken_) co_return fail(*broken_);
  if (done_ || into.empty()) co_return std::size_t{0};
  if (declared_ && *declared_ > limit_) co_return broken(too_large(limit_));
  if (expect_continue_) {
    expect_continue_ = false;
    const bool sent = co_await stream_.write("HTTP/1.1 100 Continue\r\n\r\n");
    if (!sent) co_return broken(truncated());
  }
  if (chunked_) co_return co_await read_chunked(into);
  co_return co_await read_plain(into);
}

asio::awaitable<Result<std::string>> BodyReader::read_all() {
  std::string body;
  for (;;) {
    const auto before = body.size();
    const std::uint64_t left = declared_ ? *declared_ - before : 16 * 1024;
    body.resize(before + static_cast<std::size_t>(std::clamp<std::uint64_t>(left, 1, 64 * 1024)));
    const auto got = co_await read_some(std::span<char>(body).subspan(before));
    if (!got) co_return fail(got.error());
    body.resize(before + *got);
    if (*got == 0) co_return body;
  }
}

bool BodyReader::drop_buffered() {
  if (broken_ || expect_continue_) return false;
  if (done_) return true;
  if (!declared_ || stream_.buffered().size() < *declared_ - read_) return false;
  stream_.consume(static_cast<std::size_t>(*declared_ - read_));
  return true;
}

}  // namespace fl::http

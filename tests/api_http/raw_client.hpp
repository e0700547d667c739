#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fl::test {

/// A plain blocking socket, so that the bytes on the wire are exactly those of the test. Every wait
/// has a deadline.
class RawClient {
 public:
  using Millis = std::chrono::milliseconds;
  /// `receive_buffer`: SO_RCVBUF, for clients that read slowly; 0: the system's.
  explicit RawClient(std::uint16_t port, int receive_buffer = 0);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return fd_ >= 0; }
  bool send(std::string_view bytes);  ///< false when the server has gone
  void shut_down_sending();
  /// Everything until the server closes; nothing when it has not within the time.
  std::optional<std::string> read_to_end(Millis within = Millis(20'000));
  /// Until `bytes()` holds at least that many; false at the end or when time is up.
  bool read_until_size(std::size_t size, Millis within = Millis(20'000));
  bool read_until(std::string_view mark, Millis within = Millis(20'000));
  std::string& bytes() { return bytes_; }  ///< read so far

 private:
  enum class Got { data, end, late };
  Got read_more(std::chrono::steady_clock::time_point until);
  int fd_ = -1;
  std::string bytes_;
};

/// One answer, taken apart.
struct Answer {
  int status = 0;
  std::string head;                                ///< up to and with the empty line
  std::string body;                                ///< de-chunked
  std::string field(std::string_view name) const;  ///< empty when absent
};

/// Takes one answer off the front of `bytes`; nothing when there is no whole one.
std::optional<Answer> take_answer(std::string& bytes, bool head_only = false);

/// One request on a connection of its own, which the server is asked to close.
Answer ask(std::uint16_t port, std::string_view request_line, std::string_view fields = "",
           std::string_view body = "");

}  // namespace fl::test

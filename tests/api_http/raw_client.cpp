#include "tests/api_http/raw_client.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

#include "api/http/request.hpp"

namespace fl::test {

RawClient::RawClient(std::uint16_t port, int receive_buffer) {
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (receive_buffer > 0) {
    ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  }
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
    ::close(fd_);
    fd_ = -1;
  }
}

RawClient::~RawClient() {
  if (fd_ >= 0) ::close(fd_);
}

bool RawClient::send(std::string_view bytes) {
  while (!bytes.empty()) {
    pollfd wait{fd_, POLLOUT, 0};
    if (::poll(&wait, 1, 20'000) <= 0) return false;
    const auto sent = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

void RawClient::shut_down_sending() {
  ::shutdown(fd_, SHUT_WR);
}

RawClient::Got RawClient::read_more(std::chrono::steady_clock::time_point until) {
  const auto left =
      std::chrono::duration_cast<Millis>(until - std::chrono::steady_clock::now()).count();
  pollfd wait{fd_, POLLIN, 0};
  if (left <= 0 || ::poll(&wait, 1, static_cast<int>(left)) <= 0) return Got::late;
  char piece[16384];
  const auto got = ::recv(fd_, piece, sizeof piece, 0);
  if (got <= 0) return Got::end;  // closed, or reset: the end either way
  bytes_.append(piece, static_cast<std::size_t>(got));
  return Got::data;
}

std::optional<std::string> RawClient::read_to_end(Millis within) {
  const auto until = std::chrono::steady_clock::now() + within;
  for (;;) {
    switch (read_more(until)) {
      case Got::data:
        break;
      case Got::end:
        return bytes_;
      case Got::late:
        return std::nullopt;
    }
  }
}

bool RawClient::read_until_size(std::size_t size, Millis within) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (bytes_.size() < size) {
    if (read_more(until) != Got::data) return false;
  }
  return true;
}

bool RawClient::read_until(std::string_view mark, Millis within) {
  const auto until = std::chrono::steady_clock::now() + within;
  while (bytes_.find(mark) == std::string::npos) {
    if (read_more(until) != Got::data) return false;
  }
  return true;
}

std::string Answer::field(std::string_view name) const {
  std::string_view rest = head;
  while (!rest.empty()) {
    const auto end = rest.find("\r\n");
    const auto line = rest.substr(0, end);
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 2);
    const auto colon = line.find(": ");
    if (colon == std::string_view::npos || !http::same_name(line.substr(0, colon), name)) continue;
    return std::string(line.substr(colon + 2));
  }
  return {};
}

namespace {
std::optional<std::string> take_chunked(std::string& bytes) {
  std::string body;
  std::size_t at = 0;
  for (;;) {
    const auto line = bytes.find("\r\n", at);
    if (line == std::string::npos) return std::nullopt;
    const auto size = std::strtoull(bytes.c_str() + at, nullptr, 16);
    if (bytes.size() < line + 2 + size + 2) return std::nullopt;
    body += bytes.substr(line + 2, size);
    at = line + 2 + size + 2;
    if (size > 0) continue;
    bytes.erase(0, at);
    return body;
  }
}
}  // namespace

std::optional<Answer> take_answer(std::string& bytes, bool head_only) {
  const auto end = bytes.find("\r\n\r\n");
  if (end == std::string::npos || !bytes.starts_with("HTTP/1.1 ")) return std::nullopt;
  Answer answer;
  answer.head = bytes.substr(0, end + 4);
  answer.status = std::atoi(answer.head.c_str() + 9);
  std::string rest = bytes.substr(end + 4);
  const bool bodiless =
      head_only || answer.status < 200 || answer.status == 204 || answer.status == 304;
  if (!bodiless && answer.field("Transfer-Encoding") == "chunked") {
    auto body = take_chunked(rest);
    if (!body) return std::nullopt;
    answer.body = std::move(*body);
  } else if (!bodiless) {
    const auto length = std::strtoull(answer.field("Content-Length").c_str(), nullptr, 10);
    if (rest.size() < length) return std::nullopt;
    answer.body = rest.substr(0, length);
    rest.erase(0, length);
  }
  bytes = std::move(rest);
  return answer;
}

Answer ask(std::uint16_t port, std::string_view request_line, std::string_view fields,
           std::string_view body) {
  RawClient client(port);
  client.send(fmt::format("{} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n{}\r\n{}",
                          request_line, fields, body));
  auto bytes = client.read_to_end().value_or("");
  return take_answer(bytes, request_line.starts_with("HEAD ")).value_or(Answer{});
}

}  // namespace fl::test

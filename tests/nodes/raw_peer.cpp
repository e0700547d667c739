#include "tests/nodes/raw_peer.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "core/base/encoding.hpp"

namespace fl::test {
namespace pb = ::fanledger::v1;

namespace {

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in out{};
  out.sin_family = AF_INET;
  out.sin_port = htons(port);
  out.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return out;
}

}  // namespace

RawPeer::RawPeer(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  limit_waits();
  const int small = 4096;  // so that one who does not read is soon full
  REQUIRE(::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &small, sizeof small) == 0);
  const auto to = loopback(port);
  REQUIRE(::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
}

RawPeer::RawPeer(RawListener& listener) : fd_(listener.accept()) {
  limit_waits();
}

void RawPeer::limit_waits() const {
  ::signal(SIGPIPE, SIG_IGN);
  const timeval limit{60, 0};
  REQUIRE(::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit) == 0);
  REQUIRE(::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) == 0);
}

RawPeer::~RawPeer() {
  SSL_free(session_);
  SSL_CTX_free(context_);
  ::close(fd_);
}

bool RawPeer::show(const std::filesystem::path& certificates) const {
  return SSL_CTX_use_certificate_file(context_, (certificates / "node.pem").c_str(),
                                      SSL_FILETYPE_PEM) == 1 &&
         SSL_CTX_use_PrivateKey_file(context_, (certificates / "node.key").c_str(),
                                     SSL_FILETYPE_PEM) == 1;
}

bool RawPeer::shake_hands(const std::optional<std::filesystem::path>& certificates, int newest) {
  context_ = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_max_proto_version(context_, newest);
  if (certificates) REQUIRE(show(*certificates));
  session_ = SSL_new(context_);
  SSL_set_fd(session_, fd_);
  return SSL_connect(session_) == 1;
}

bool RawPeer::answer_hands(const std::filesystem::path& certificates) {
  context_ = SSL_CTX_new(TLS_server_method());
  REQUIRE(show(certificates));
  session_ = SSL_new(context_);
  SSL_set_fd(session_, fd_);
  return SSL_accept(session_) == 1;
}

bool RawPeer::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto done = session_ != nullptr
                          ? SSL_write(session_, bytes.data(), static_cast<int>(bytes.size()))
                          : static_cast<int>(::write(fd_, bytes.data(), bytes.size()));
    if (done <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(done));
  }
  return true;
}

bool RawPeer::write_frame(std::string_view message) {
  std::string frame;
  put_bytes(frame, message);
  return write(frame);
}

std::string RawPeer::read(std::size_t size) {
  std::string out(size, '\0');
  std::size_t got = 0;
  while (got < size) {
    const auto done = session_ != nullptr
                          ? SSL_read(session_, out.data() + got, static_cast<int>(size - got))
                          : static_cast<int>(::read(fd_, out.data() + got, size - got));
    if (done <= 0) break;
    got += static_cast<std::size_t>(done);
  }
  out.resize(got);
  return out;
}

bool RawPeer::greeted() {
  const auto header = read(4);
  if (header.size() < 4) return false;
  pb::NodeReply reply;
  return reply.ParseFromString(read(BinaryReader(header).u32())) && reply.has_hello();
}

bool RawPeer::is_cut() {
  for (;;) {
    std::array<char, 4096> ignored{};
    errno = 0;
    const auto got = ::read(fd_, ignored.data(), ignored.size());
    if (got == 0) return true;
    if (got < 0) return errno != EAGAIN && errno != EWOULDBLOCK;  // else a minute is over
  }
}

RawListener::RawListener() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const auto here = loopback(0);
  REQUIRE(::bind(fd_, reinterpret_cast<const sockaddr*>(&here), sizeof here) == 0);
  REQUIRE(::listen(fd_, 16) == 0);
}
RawListener::~RawListener() {
  ::close(fd_);
}

std::string RawListener::url() const {
  sockaddr_in here{};
  socklen_t size = sizeof here;
  REQUIRE(::getsockname(fd_, reinterpret_cast<sockaddr*>(&here), &size) == 0);
  return "tls://127.0.0.1:" + std::to_string(ntohs(here.sin_port));
}

bool RawListener::called() const {
  pollfd waits{fd_, POLLIN, 0};
  return ::poll(&waits, 1, 0) == 1;
}

int RawListener::accept() const {
  pollfd waits{fd_, POLLIN, 0};
  REQUIRE(::poll(&waits, 1, 60'000) == 1);
  return ::accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
}

}  // namespace fl::test

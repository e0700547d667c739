#include "cli/bench/http_load.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "core/base/encoding.hpp"

namespace fl::cli {
namespace {

using Steady = std::chrono::steady_clock;
using nlohmann::json;

Failure unreachable(const std::string& why) {
  return fail(ErrorClass::unavailable, "unreachable", "api", why);
}

/// One keep-alive connection, blocking.
class Connection {
 public:
  Connection(std::string host, std::string port) : host_(std::move(host)), port_(std::move(port)) {}
  ~Connection() { close(); }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Anew, also when it was open.
  bool open() {
    close();
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(host_.c_str(), port_.c_str(), &hints, &found) != 0) return false;
    socket_ = ::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const bool connected = ::connect(socket_, found->ai_addr, found->ai_addrlen) == 0;
    ::freeaddrinfo(found);
    if (!connected) close();
    const int on = 1;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return connected;
  }

  /// The status, and the body in `body`; 0 when the connection broke.
  int request(const std::string& method, const std::string& path, const std::string& fields,
              const std::string& content, std::string& body) {
    const auto text = fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n{}Content-Length: {}\r\n\r\n{}",
                                  method, path, host_, fields, content.size(), content);
    for (std::size_t sent = 0; sent < text.size();) {
      const auto n = ::send(socket_, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
      if (n <= 0) return 0;
      sent += static_cast<std::size_t>(n);
    }
    std::string in;
    std::size_t end = std::string::npos;
    while ((end = in.find("\r\n\r\n")) == std::string::npos) {
      if (!receive(in)) return 0;
    }
    const auto at = in.find("Content-Length: ");
    const auto length = at < end ? std::stoul(in.substr(at + 16)) : 0UL;
    while (in.size() < end + 4 + length) {
      if (!receive(in)) return 0;
    }
    body = in.substr(end + 4, length);
    return std::stoi(in.substr(9, 3));
  }

 private:
  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  bool receive(std::string& in) {
    char buffer[16 * 1024];
    const auto n = ::recv(socket_, buffer, sizeof buffer, 0);
    if (n <= 0) return false;
    in.append(buffer, static_cast<std::size_t>(n));
    return true;
  }
  std::string host_;
  std::string port_;
  int socket_ = -1;
};

std::string random_text() {
  std::string bytes(12, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return to_hex(bytes);
}

/// Signs up a creator and logs in: the fields that later requests carry.
Result<std::string> sign_up(Connection& connection) {
  const auto name = "b" + random_text();
  const auto password = random_text();
  const std::string type = "Content-Type: application/json\r\n";
  std::string body;
  const auto account = json{
      {"email", name + "@example.org"},
      {"password", password},
      {"password_repeat", password},
      {"username", name},
      {"role", "creator"}}.dump();
  if (connection.request("POST", "/v1/accounts", type, account, body) != 201) {
    return unreachable("sign-up failed: " + body);
  }
  const auto position = json::parse(body)["position"].get<std::string>();
  const auto session = json{{"login", name}, {"password", password}}.dump();
  if (connection.request("POST", "/v1/sessions",
                         type + "Fanledger-Min-Position: " + position + "\r\n", session,
                         body) != 201) {
    return unreachable("login failed: " + body);
  }
  return type + "Authorization: Bearer " + json::parse(body)["token"].get<std::string>() + "\r\n";
}

struct Tally {
  std::vector<double> latencies_ms;
  std::size_t failed = 0;
};

void drive(Connection& connection, const HttpLoad& load, const std::string& fields, int index,
           Steady::time_point begin, Tally& tally) {
  const std::chrono::duration<double> step(static_cast<double>(load.connections) / load.rate);
  const auto run_id = random_text();
  std::string body;
  for (std::size_t n = 0;; ++n) {
    const auto due =
        begin +
        std::chrono::duration_cast<Steady::duration>(
            step * (static_cast<double>(n) + static_cast<double>(index) / load.connections));
    if (due - begin > std::chrono::duration<double>(load.seconds)) return;
    std::this_thread::sleep_until(due);
    const auto price = json{{"price", {{"amount", 100 + n % 1000}, {"currency", "USD"}}}}.dump();
    const int status = connection.request(
        "PUT", "/v1/me/subscription-price",
        fields + fmt::format("Idempotency-Key: {}-{}\r\n", run_id, n), price, body);
    if (status != 201) {
      ++tally.failed;
      // The schedule stands: while nothing answers, each request that is due has failed.
      if (status == 0) connection.open();
      continue;
    }
    tally.latencies_ms.push_back(
        std::chrono::duration<double, std::milli>(Steady::now() - due).count());
  }
}

}  // namespace

Result<json> run_http_load(const HttpLoad& load) {
  constexpr std::string_view kScheme = "http://";
  if (!load.url.starts_with(kScheme)) return unreachable("The address begins with http://.");
  const auto authority = load.url.substr(kScheme.size());
  const auto colon = authority.find(':');
  const auto host = authority.substr(0, colon);
  const auto port = colon == std::string::npos ? "80" : authority.substr(colon + 1);
  Connection first(host, port);
  if (!first.open()) return unreachable("Nobody answers at " + load.url + ".");
  auto fields = sign_up(first);
  if (!fields) return fail(fields.error());

  std::vector<std::unique_ptr<Connection>> connections;
  for (int i = 0; i < load.connections; ++i) {
    connections.push_back(std::make_unique<Connection>(host, port));
    if (!connections.back()->open()) return unreachable("Not all connections can be made.");
  }
  std::vector<Tally> tallies(connections.size());
  std::vector<std::thread> threads;
  const auto begin = Steady::now() + std::chrono::milliseconds(50);
  for (int i = 0; i < load.connections; ++i) {
    threads.emplace_back([&, i] {
      drive(*connections[static_cast<std::size_t>(i)], load, *fields, i, begin,
            tallies[static_cast<std::size_t>(i)]);
    });
  }
  for (auto& thread : threads) thread.join();
  const std::chrono::duration<double> took = Steady::now() - begin;
  std::vector<double> all;
  std::size_t failed = 0;
  for (const auto& tally : tallies) {
    all.insert(all.end(), tally.latencies_ms.begin(), tally.latencies_ms.end());
    failed += tally.failed;
  }
  if (all.empty()) return unreachable("No request was answered.");
  std::sort(all.begin(), all.end());
  const auto at = [&](double share) {
    return all[std::min(all.size() - 1,
                        static_cast<std::size_t>(share * static_cast<double>(all.size())))];
  };
  return json{{"rate_asked_per_s", load.rate},
              {"answered_per_s", static_cast<double>(all.size()) / took.count()},
              {"answered", all.size()},
              {"failed", failed},
              {"p50_ms", at(0.5)},
              {"p99_ms", at(0.99)},
              {"p999_ms", at(0.999)},
              {"max_ms", all.back()}};
}

}  // namespace fl::cli

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "cli/http_client.hpp"
#include "core/base/ids.hpp"
#include "core/base/money.hpp"
#include "core/base/time.hpp"

namespace fl::cli {

/// What a staff member signs over (GET /v1/ledger/head).
struct PlatformHead {
  std::string ledger_id;  ///< 16 bytes
  std::uint64_t anchor_seq = 0;
  std::string anchor_head;  ///< 32 bytes
  Instant time;
  std::map<Currency, unsigned> decimals;
};

struct PlatformUser {
  AccountId id;
  std::string username;
  std::string role;
  bool verified = false;
};

/// A staff command as it goes out: the very bytes that were signed.
struct SignedCommand {
  KeyId key;
  std::string command;
  std::string signature;
};

struct CommandReceipt {
  std::uint64_t event_seq = 0;
  std::string position;
  bool repeated = false;  ///< carried out before, under the same id
};

struct RetryPolicy {
  int attempts = 4;
  std::chrono::milliseconds first_pause{250};  ///< doubles each time
};

/// The platform's HTTP interface, as staff need it. Asks again, a bounded number of times, when it
/// cannot be reached or says 503: with the same bytes, so that nothing is done twice. Errors are
/// the platform's own (problem+json); unavailable `unreachable`, `answer_unreadable`.
class Platform {
 public:
  using Pause = std::function<void(std::chrono::milliseconds)>;
  Platform(HttpClient& http, Pause pause, RetryPolicy retry = {})
      : http_(http), pause_(std::move(pause)), retry_(retry) {}

  Result<PlatformHead> head();
  Result<PlatformUser> user(const std::string& username);
  Result<CommandReceipt> submit(const SignedCommand& command);

 private:
  Result<HttpResponse> send(const HttpRequest& request);

  HttpClient& http_;
  Pause pause_;
  RetryPolicy retry_;
};

}  // namespace fl::cli

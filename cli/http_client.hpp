#pragma once

#include <string>

#include "core/base/error.hpp"

namespace fl::cli {

struct HttpRequest {
  std::string method;  ///< GET or POST
  std::string path;    ///< from the base URL on, percent-encoded: "/v1/ledger/head"
  std::string body;    ///< JSON, or empty
};

struct HttpResponse {
  int status = 0;
  std::string body;  ///< at most kMaxResponseBytes
};

inline constexpr std::size_t kMaxResponseBytes = 1024 * 1024;

/// Outgoing HTTP to one server, as small as the program needs it. Not thread-safe.
class HttpClient {
 public:
  virtual ~HttpClient() = default;

  /// Any status is a response. Errors: unavailable `unreachable` (no connection, or it broke),
  /// `timed_out`, `response_too_large`; of a sent request the outcome is then unknown.
  virtual Result<HttpResponse> send(const HttpRequest& request) = 0;
};

}  // namespace fl::cli

#pragma once

#include <chrono>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>

#include "cli/http_client.hpp"
#include "core/base/time.hpp"

namespace fl::cli {

/// The world around the program: what a test replaces. The streams outlive it.
struct Environment {
  std::ostream& out;             ///< results
  std::ostream& err;             ///< errors and progress
  bool err_is_terminal = false;  ///< progress is shown only to somebody who watches
  std::function<Result<std::unique_ptr<HttpClient>>(const std::string& base_url,
                                                    std::chrono::milliseconds timeout)>
      connect;
  std::function<Instant()> now;
  std::function<void(std::chrono::milliseconds)> pause;  ///< between two attempts
};

}  // namespace fl::cli

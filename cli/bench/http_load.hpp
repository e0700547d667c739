#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "core/base/error.hpp"

namespace fl::cli {

/// An open-loop load: requests are due at fixed times, whatever became of those before, and latency
/// counts from when a request was due. A server that stalls cannot hide it (no coordinated
/// omission).
struct HttpLoad {
  std::string url = "http://127.0.0.1:8080";
  double rate = 1000;
  double seconds = 10;
  int connections = 64;
  bool as_json = false;
};

Result<nlohmann::json> run_http_load(const HttpLoad& load);

}  // namespace fl::cli

#pragma once

#include <atomic>
#include <string>

#include "api/http/blocking_pool.hpp"
#include "api/http/router.hpp"
#include "api/http/server.hpp"

namespace fl::http {

/// What all connections of a server share. Read-only but for the pools and `stopping`.
struct Core {
  Core(Router router_, ServerOptions options_);

  std::string next_request_id();  ///< thread-safe
  void observe(std::string_view method, std::string_view route, int status,
               std::int64_t microseconds, std::string_view request_id) const;

  const Router router;
  const ServerOptions options;
  BlockingPool pool;
  BlockingPool files;
  std::atomic<bool> stopping = false;

 private:
  const std::uint64_t id_prefix_;
  std::atomic<std::uint64_t> id_count_ = 0;
};

}  // namespace fl::http

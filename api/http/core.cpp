#include "api/http/core.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <random>

namespace fl::http {
namespace {
std::uint64_t random_prefix() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32) | device();
}
}  // namespace

Core::Core(Router router_, ServerOptions options_)
    : router(std::move(router_)),
      options(std::move(options_)),
      pool(options.blocking_threads, options.blocking_queue),
      files(options.file_threads, options.limits.connections),
      id_prefix_(random_prefix()) {}

std::string Core::next_request_id() {
  return fmt::format("req_{:016x}{:08x}", id_prefix_, ++id_count_);
}

void Core::observe(std::string_view method, std::string_view route, int status,
                   std::int64_t microseconds, std::string_view request_id) const {
  if (spdlog::should_log(spdlog::level::debug)) {
    spdlog::debug(fmt::format("{} {} {} {}us {}", method, route.empty() ? "-" : route, status,
                              microseconds, request_id));
  }
  if (options.metrics) options.metrics({method, route, status, microseconds});
}

}  // namespace fl::http

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "api/http/server.hpp"
#include "api/platform.hpp"
#include "tests/cli/platform_world.hpp"
#include "tests/support/temp_dir.hpp"

namespace fl::test {

/// A platform of its own on a fresh data folder, without workers.
struct House {
  /// `before`: what happened in it before it was opened.
  explicit House(const std::function<void(PlatformWorld&)>& before = {},
                 const std::function<void(api::PlatformOptions&)>& set = {});
  ~House();

  AccountId fan(const std::string& name);  ///< signed up, and in the read models
  void settle();                           ///< until the read models have read all of the log
  /// An `Authorization` field for a new session of the account, which can write texts from now on.
  std::string log_in(const AccountId& account, Duration lifetime = days(30));
  /// Serves HTTP from now on; the port.
  std::uint16_t serve(http::ServerOptions options = {});

  TempDir dir;
  std::unique_ptr<api::Platform> platform;
  std::unique_ptr<http::Server> server;
};

}  // namespace fl::test

#pragma once

#include <memory>

#include "api/platform.hpp"
#include "tests/support/temp_dir.hpp"

namespace fl::test {

/// A platform of its own on a fresh data folder, without workers and without HTTP.
struct House {
  House();
  AccountId fan(const std::string& name);  ///< signed up, and in the read models

  TempDir dir;
  std::unique_ptr<api::Platform> platform;
};

}  // namespace fl::test

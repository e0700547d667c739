#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.hpp"

namespace fl::cli {

/// What the machine can do at most with the same bytes, measured in the same run.
struct RawLimits {
  double append_seconds = 0;  ///< written and synced (fdatasync), one piece a record
  double hash_seconds = 0;    ///< SHA-256 over all of them
  std::size_t bytes = 0;
};

Result<RawLimits> measure_raw_limits(const std::filesystem::path& folder,
                                     const std::vector<std::string>& records);

}  // namespace fl::cli

#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string_view>

#include "core/base/error.hpp"

namespace fl::cli {

/// Writes a file of this mode, which appears whole or not at all, and durable. Errors: malformed
/// `file_exists` unless `replace`; unavailable `file_unwritable`.
Status write_new_file(const std::filesystem::path& path, std::string_view text, mode_t mode,
                      bool replace);

/// The error of a file that is there already, if it is.
Status check_absent(const std::filesystem::path& path);

}  // namespace fl::cli

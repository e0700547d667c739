#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace fl::secrets {

/// Writes `content` to a new file beside `path`, syncs it, gives it the name `path` and syncs the
/// folder: after a crash the file is there whole, or not at all. An existing file is left as it is
/// (conflict `file_exists`). Other errors: unavailable `storage_failed`, with the path and errno.
Status write_new_file(const std::filesystem::path& path, std::string_view content, mode_t mode);

/// Makes the names in a folder durable.
Status sync_folder(const std::filesystem::path& folder);

/// Reads a file that holds a secret. Errors: unavailable `secret_missing`, `secret_exposed` (anyone
/// but its owner may read it), `secret_damaged` (larger than `max_bytes`, or not a regular file).
Result<std::string> read_secret_file(const std::filesystem::path& path, std::size_t max_bytes);

}  // namespace fl::secrets

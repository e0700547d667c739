#pragma once

#include <cstdint>
#include <filesystem>

#include "core/base/error.hpp"

namespace fl::api {

/// Writes the port that was chosen for a socket, for whoever waits for the file. Nothing when no
/// file is wanted. Error: unavailable `storage_failed`.
Status write_port(const std::filesystem::path& file, std::uint16_t port);

}  // namespace fl::api

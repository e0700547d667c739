#include "api/port_file.hpp"

#include <fmt/format.h>

#include <cstdio>

namespace fl::api {

Status write_port(const std::filesystem::path& file, std::uint16_t port) {
  if (file.empty()) return {};
  auto temporary = file;
  temporary += ".new";
  if (auto* out = std::fopen(temporary.c_str(), "w"); out != nullptr) {
    fmt::print(out, "{}\n", port);
    std::fclose(out);
    std::error_code error;
    std::filesystem::rename(temporary, file, error);
    if (!error) return {};
  }
  return fail(ErrorClass::unavailable, "storage_failed", file.filename().string(),
              file.string() + " cannot be written.");
}

}  // namespace fl::api

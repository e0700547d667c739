#include "workers/dispatcher_position.hpp"

#include <fstream>
#include <sstream>

#include "core/base/encoding.hpp"
#include "core/base/sha256.hpp"

namespace fl::workers {

DispatcherPosition DispatcherPosition::load(const std::filesystem::path& file,
                                            std::size_t partitions) {
  DispatcherPosition position;
  position.activity.assign(partitions, 0);
  std::ifstream in(file, std::ios::binary);
  std::stringstream content;
  content << in.rdbuf();
  const auto bytes = content.str();
  if (bytes.size() < 32 ||
      sha256(std::string_view(bytes).substr(32)).view() != std::string_view(bytes).substr(0, 32)) {
    return position;
  }
  BinaryReader reader(std::string_view(bytes).substr(32));
  DispatcherPosition loaded;
  loaded.ledger = reader.u64();
  loaded.chain = std::string(reader.bytes());
  const auto count = reader.u32();
  for (std::uint32_t i = 0; i < count && !reader.failed(); ++i) {
    loaded.activity.push_back(reader.u64());
  }
  return reader.done() && loaded.activity.size() == partitions ? loaded : position;
}

Status DispatcherPosition::save(const std::filesystem::path& file) const {
  std::string body;
  put_u64(body, ledger);
  put_bytes(body, chain);
  put_u32(body, static_cast<std::uint32_t>(activity.size()));
  for (auto next : activity) put_u64(body, next);
  auto temporary = file;
  temporary += ".new";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out << sha256(body).view() << body;
    out.flush();
    if (!out) {
      return fail(ErrorClass::unavailable, "storage_failed", "",
                  "The dispatcher's position cannot be written.");
    }
  }
  std::error_code error;
  std::filesystem::rename(temporary, file, error);
  if (error) {
    return fail(ErrorClass::unavailable, "storage_failed", "",
                "The dispatcher's position cannot be put in place: " + error.message());
  }
  return {};
}

}  // namespace fl::workers

#include "workers/media/work_folder.hpp"

#include <stdlib.h>
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "core/blobs/storage.hpp"

namespace fl::media {

Result<WorkFolder> WorkFolder::make(const std::string& root) {
  std::string name = root + "/media-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) return blobs::storage_error("making a folder", errno);
  return WorkFolder(std::move(name));
}

WorkFolder::WorkFolder(WorkFolder&& other) noexcept : path_(std::exchange(other.path_, {})) {}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  if (!path_.empty()) std::filesystem::remove_all(path_, ignored);  // follows no link
}

Result<std::string> WorkFolder::make_folder(const std::string& name) const {
  const std::string path = *this / name;
  if (::mkdir(path.c_str(), 0700) != 0) return blobs::storage_error("making a folder", errno);
  return path;
}

}  // namespace fl::media

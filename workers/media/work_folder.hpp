#pragma once

#include <string>

#include "core/base/error.hpp"

namespace fl::media {

/// A private folder of one piece of work, removed with all that is in it.
class WorkFolder {
 public:
  static Result<WorkFolder> make(const std::string& root);
  WorkFolder(WorkFolder&& other) noexcept;
  WorkFolder& operator=(WorkFolder&&) = delete;
  ~WorkFolder();
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  Result<std::string> make_folder(const std::string& name) const;

 private:
  explicit WorkFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace fl::media

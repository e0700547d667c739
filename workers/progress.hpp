#pragma once

#include <map>
#include <mutex>
#include <optional>

#include "core/base/ids.hpp"

namespace fl::workers {

/// How far the processing of media is, in percent: live and forgotten, never an event. Thread-safe.
class Progress {
 public:
  void set(const MediaId& media, int percent);
  void clear(const MediaId& media);
  std::optional<int> get(const MediaId& media) const;

 private:
  mutable std::mutex mutex_;
  std::map<MediaId, int> percent_;
};

}  // namespace fl::workers

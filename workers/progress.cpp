#include "workers/progress.hpp"

namespace fl::workers {

void Progress::set(const MediaId& media, int percent) {
  std::lock_guard lock(mutex_);
  percent_[media] = percent;
}

void Progress::clear(const MediaId& media) {
  std::lock_guard lock(mutex_);
  percent_.erase(media);
}

std::optional<int> Progress::get(const MediaId& media) const {
  std::lock_guard lock(mutex_);
  const auto it = percent_.find(media);
  return it == percent_.end() ? std::nullopt : std::optional(it->second);
}

}  // namespace fl::workers

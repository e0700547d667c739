#include "api/manifest_cache.hpp"

#include "workers/media/manifest.hpp"

namespace fl::api {

Result<ManifestCache::Entry> ManifestCache::get(const Digest& digest) {
  {
    std::lock_guard lock(mutex_);
    if (const auto it = index_.find(digest); it != index_.end()) {
      recent_.splice(recent_.begin(), recent_, it->second);
      return it->second->second;
    }
  }
  auto bytes = blobs_.read(digest, media::kMaxManifestBytes);
  if (!bytes) return fail(bytes.error());
  auto manifest = media::decode_manifest(*bytes);
  if (!manifest) {
    return fail(ErrorClass::unavailable, "manifest_damaged", "", manifest.error().message);
  }
  auto entry = std::make_shared<const media::MediaManifest>(std::move(*manifest));
  std::lock_guard lock(mutex_);
  if (!index_.contains(digest)) {
    recent_.emplace_front(digest, entry);
    index_[digest] = recent_.begin();
    if (recent_.size() > capacity_) {
      index_.erase(recent_.back().first);
      recent_.pop_back();
    }
  }
  return entry;
}

}  // namespace fl::api

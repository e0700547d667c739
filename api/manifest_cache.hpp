#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>

#include "core/blobs/blob_store.hpp"
#include "workers/media/media_manifest.hpp"

namespace fl::api {

/// The manifests last used, decoded and checked against their digests. Bounded; thread-safe. `get`
/// may read the disk.
class ManifestCache {
 public:
  explicit ManifestCache(const blobs::BlobStore& blobs, std::size_t capacity = 256)
      : blobs_(blobs), capacity_(capacity) {}

  using Entry = std::shared_ptr<const media::MediaManifest>;
  Result<Entry> get(const Digest& digest);

 private:
  const blobs::BlobStore& blobs_;
  const std::size_t capacity_;
  std::mutex mutex_;
  std::list<std::pair<Digest, Entry>> recent_;  ///< the latest first
  std::map<Digest, std::list<std::pair<Digest, Entry>>::iterator> index_;
};

}  // namespace fl::api

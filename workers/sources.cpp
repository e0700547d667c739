#include "workers/services.hpp"

namespace fl::workers {

Result<blobs::BlobStore> open_sources(const std::filesystem::path& sources, const MediaId& media,
                                      std::string_view ledger_id) {
  return blobs::BlobStore::open((sources / media.str()).string(), ledger_id);
}

Status remove_sources(const std::filesystem::path& sources, const MediaId& media) {
  std::error_code error;
  std::filesystem::remove_all(sources / media.str(), error);
  if (!error) return {};
  return fail(ErrorClass::unavailable, "storage_failed", "",
              "The bytes of an upload cannot be removed: " + error.message());
}

}  // namespace fl::workers

#include "api/data_folder.hpp"

#include "core/blobs/blob_store.hpp"

namespace fl::api {
namespace {
constexpr log::PartitionIndex kActivityPartitions = 8;
}

Status make_folders(const DataFolder& folder) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::remove_all(folder.work(), error);
  for (const auto& path :
       {folder.root(), folder.blobs(), folder.sources(), folder.work(), folder.mail()}) {
    fs::create_directories(path, error);
    if (!error) fs::permissions(path, fs::perms::owner_all, error);
    if (error) {
      return fail(ErrorClass::unavailable, "storage_failed", "data",
                  path.string() + ": " + error.message());
    }
  }
  return {};
}

Status clean_sources(const DataFolder& folder, std::string_view ledger_id) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder.sources(), error)) {
    auto store = blobs::BlobStore::open(entry.path().string(), ledger_id);
    if (!store) return fail(store.error());
    if (auto cleaned = store->clean_temporary(); !cleaned) return fail(cleaned.error());
  }
  return {};
}

std::vector<log::StreamConfig> embedded_streams() {
  return {{log::Stream::ledger, 1, false},
          {log::Stream::activity, kActivityPartitions, false},
          {log::Stream::jobs, 1, false},
          {log::Stream::secrets, 1, true}};
}

}  // namespace fl::api

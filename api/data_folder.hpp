#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "core/base/error.hpp"
#include "core/log/log.hpp"

namespace fl::api {

/// What lies where in the data folder of a node. `keys` is the key ring's.
class DataFolder {
 public:
  /// `shared`: where all nodes of a platform keep blobs; the data folder itself when it is empty.
  explicit DataFolder(std::filesystem::path root, std::filesystem::path shared = {})
      : root_(std::move(root)), shared_(shared.empty() ? root_ : std::move(shared)) {}
  const std::filesystem::path& root() const { return root_; }
  std::filesystem::path log() const { return root_ / "log"; }            ///< the truth
  std::filesystem::path snapshot() const { return root_ / "snapshot"; }  ///< of the decision state
  std::filesystem::path views() const { return root_ / "views"; }        ///< read models
  std::filesystem::path blobs() const { return shared_ / "blobs"; }      ///< what is shown
  std::filesystem::path sources() const { return shared_ / "sources"; }  ///< what was uploaded
  std::filesystem::path work() const { return root_ / "work"; }          ///< scratch of jobs
  std::filesystem::path mail() const { return root_ / "mail"; }          ///< mail that is not sent
  std::filesystem::path dispatcher_position() const { return root_ / "dispatcher.position"; }

 private:
  std::filesystem::path root_;
  std::filesystem::path shared_;
};

/// Makes the folders that are missing, readable by their owner alone, and empties `work`. Error:
/// unavailable `storage_failed`.
Status make_folders(const DataFolder& folder);

/// Removes what crashed uploads left.
Status clean_sources(const DataFolder& folder, std::string_view ledger_id);

/// The streams of a log on one machine.
std::vector<log::StreamConfig> embedded_streams();

}  // namespace fl::api

#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "core/log/embedded_log.hpp"
#include "core/log/log_import.hpp"

namespace fl::log {

/// An import into the embedded log: it grows beside the log's place, which it takes in one step at
/// its end.
class EmbeddedImport : public LogImport {
 public:
  /// `path` is where the log will be; a log without a record that stands there is replaced. Errors:
  /// conflict `log_not_empty`, `log_in_use`; refused `log_config_differs`; unavailable.
  static Result<std::unique_ptr<EmbeddedImport>> begin(const std::filesystem::path& path,
                                                       std::vector<StreamConfig> streams);
  /// Where it grows.
  static std::filesystem::path beside(const std::filesystem::path& path);

  Log& log() override { return *log_; }
  bool resumed() const override { return resumed_; }
  Status finish() override;

 private:
  EmbeddedImport(std::filesystem::path path, std::unique_ptr<EmbeddedLog> log, bool resumed)
      : path_(std::move(path)), log_(std::move(log)), resumed_(resumed) {}
  static Status check_place(const std::filesystem::path& path);

  const std::filesystem::path path_;
  std::unique_ptr<EmbeddedLog> log_;
  const bool resumed_;
};

}  // namespace fl::log

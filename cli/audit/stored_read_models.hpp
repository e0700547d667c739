#pragma once

#include <filesystem>

#include "cli/audit/read_model_check.hpp"

namespace fl::cli {

/// The read models of a stopped server, in their directory. They are derived anew in a directory
/// that is made for it and removed, and compared row by row.
class StoredReadModels : public ReadModelCheck {
 public:
  explicit StoredReadModels(std::filesystem::path directory) : directory_(std::move(directory)) {}
  Result<ReadModelFacts> check(log::LogReader& log, Findings& findings) override;

 private:
  std::filesystem::path directory_;
};

}  // namespace fl::cli

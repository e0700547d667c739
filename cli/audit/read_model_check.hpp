#pragma once

#include <cstdint>
#include <string>

#include "cli/audit/finding.hpp"
#include "core/base/error.hpp"
#include "core/log/log.hpp"

namespace fl::cli {

struct ReadModelFacts {
  std::uint64_t rows = 0;         ///< compared
  std::uint64_t differences = 0;  ///< found, unreadable ones too; the first of them are findings
};

/// Holds the read models of a stopped server against a fold of its log. What differs is a finding
/// `read_model_differs` of the stream read_models, what is too damaged to be read a finding
/// `read_model_unreadable`. Error: there is no place to derive them in, or the log cannot be read.
class ReadModelCheck {
 public:
  virtual ~ReadModelCheck() = default;
  virtual Result<ReadModelFacts> check(log::LogReader& log, Findings& findings) = 0;
};

}  // namespace fl::cli

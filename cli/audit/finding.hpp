#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace fl::cli {

/// One thing that is not as it must be. `error`: the record is wrong; `warning`: it may be right,
/// but somebody must look.
struct Finding {
  enum class Severity { error, warning };
  Severity severity = Severity::error;
  std::string code;    ///< snake_case, stable: cli/audit/README.md lists them
  std::string stream;  ///< ledger, activity, storage or read_models
  std::uint32_t partition = 0;
  std::optional<std::uint64_t> offset;
  std::optional<std::uint64_t> event_seq;
  std::string detail;  ///< one English sentence
};

const char* to_string(Finding::Severity severity);
/// "ledger/0@17 event 42"
std::string place_of(const Finding& finding);

/// What an audit found. All are counted, the first kKept are kept.
class Findings {
 public:
  static constexpr std::size_t kKept = 1000;

  void add(Finding finding);
  void add_all(const Findings& others);
  std::uint64_t count() const { return count_; }
  const std::vector<Finding>& kept() const { return kept_; }

 private:
  std::vector<Finding> kept_;
  std::uint64_t count_ = 0;
};

}  // namespace fl::cli

#include "cli/audit/stored_read_models.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <system_error>

#include "projections/chain_reader.hpp"
#include "projections/read_models.hpp"
#include "projections/store.hpp"
#include "projections/verify.hpp"

namespace fl::cli {
namespace {

constexpr std::size_t kReadBytes = 8 << 20;
constexpr std::size_t kDifferencesTold = 100;

/// A fresh directory, gone at the end.
class Scratch {
 public:
  Scratch() {
    std::error_code error;
    auto name = (std::filesystem::temp_directory_path(error) / "fanledger-audit-XXXXXX").string();
    if (!error && ::mkdtemp(name.data()) != nullptr) path_ = name;
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

Finding finding_of(const char* code, std::string detail) {
  return {Finding::Severity::error, code, "read_models", 0, std::nullopt, std::nullopt,
          std::move(detail)};
}

Finding differs(const projections::Difference& difference) {
  auto where = difference.projection;
  if (difference.unreadable) {
    if (!difference.key.empty()) where += ", from key " + difference.key + " on";
    return finding_of("read_model_unreadable",
                      fmt::format("{}, cannot be read: {}.", where, difference.what));
  }
  if (!difference.key.empty()) where += ", key " + difference.key;
  return finding_of("read_model_differs", fmt::format("{}: {}.", where, difference.what));
}

}  // namespace

Result<ReadModelFacts> StoredReadModels::check(log::LogReader& log, Findings& findings) {
  const Scratch scratch;
  if (scratch.path().empty()) {
    return fail(ErrorClass::unavailable, "no_scratch", "TMPDIR",
                "No directory can be made to derive the read models in.");
  }
  projections::ReadModels models;
  projections::StoreOptions options;
  options.read_only = true;
  auto store = projections::Store::open(directory_, models.names(), options);
  if (!store) {
    // They are derived: the log is what it is without them, and the rest of the audit stands.
    findings.add(
        finding_of("read_model_unreadable",
                   fmt::format("All, in {}: {}", directory_.string(), store.error().message)));
    return ReadModelFacts{0, 1};
  }
  auto report =
      projections::verify((*store)->view(), models.all(),
                          [&](log::Stream stream, log::PartitionIndex partition, log::Offset from,
                              std::size_t max_records) {
                            return log.read(stream, partition, from, max_records, kReadBytes);
                          },
                          projections::open_chain_reader, scratch.path(), kDifferencesTold);
  if (!report) return fail(report.error());
  for (const auto& difference : report->differences) findings.add(differs(difference));
  return ReadModelFacts{report->rows, report->found};
}

}  // namespace fl::cli

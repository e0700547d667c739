#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "core/log/embedded_log.hpp"
#include "core/owner/owner.hpp"
#include "core/owner/snapshot_store.hpp"
#include "projections/read_models.hpp"
#include "projections/runner.hpp"
#include "projections/store.hpp"

namespace fl::cli {

/// A ledger of a benchmark's own: a fresh folder, removed at the end, with accounts that have
/// money. Everything is real: the embedded log with fsync, the owner with all its rules, the read
/// models.
class Sandbox {
 public:
  /// `folder`: where to make it; its disk is what is measured.
  static Result<std::unique_ptr<Sandbox>> make(const std::filesystem::path& folder,
                                               std::size_t fans, std::size_t creators,
                                               bool read_models);
  ~Sandbox();

  /// Tips of one unit's minimum from random fans to random creators, ready to be submitted.
  std::vector<ledger::Command> tips(std::size_t count);

  struct Timing {
    double accepted_seconds = 0;            ///< until the last was durable
    std::optional<double> applied_seconds;  ///< until the read models had seen it, if they did
    std::size_t refused = 0;
  };
  Timing run(std::vector<ledger::Command> commands);

  log::EmbeddedLog& log() { return *log_; }
  owner::Owner& owner() { return *owner_; }
  const std::filesystem::path& folder() const { return folder_; }

 private:
  Sandbox() = default;
  Status open(std::size_t fans, std::size_t creators, bool read_models);
  pb::LedgerEvent staff_draft(pb::StaffCommand command);

  std::filesystem::path folder_;
  owner::SystemClock clock_;
  std::unique_ptr<log::EmbeddedLog> log_;
  std::unique_ptr<owner::Owner> owner_;
  projections::ReadModels models_;
  std::unique_ptr<projections::Store> store_;
  std::unique_ptr<projections::Runner> runner_;
  std::vector<AccountId> fans_;
  std::vector<AccountId> creators_;
  std::uint64_t next_command_ = 0;
};

}  // namespace fl::cli

#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "api/nodes/link_limits.hpp"
#include "api/nodes/owner_directory.hpp"
#include "core/owner/command_gate.hpp"

namespace fl::nodes {

struct ForwarderOptions {
  using Millis = std::chrono::milliseconds;

  std::vector<std::string> nodes;      ///< tls://HOST:PORT of all that may own the ledger
  std::filesystem::path certificates;  ///< the folder of Credentials
  LinkLimits limits;
  Millis longest_wait{30'000};           ///< of a command, whatever its deadline
  std::size_t commands = 65'536;         ///< that wait; beyond: owner_unavailable at once
  std::size_t command_bytes = 48 << 20;  ///< the same; a link must be able to queue them all
  Millis first_rest{20};                 ///< before an owner that failed is asked again
  Millis longest_rest{500};
  Millis patience{5'000};  ///< how long an owner may be silent before `health` says so
};

/// Hands commands to the node that owns the ledger, whichever that is, and asks again until it has
/// an answer or the command's deadline has come: a command is carried out once, however often it is
/// asked. At the deadline: unavailable `owner_unavailable` when certainly nobody had it in hand,
/// else retry `outcome_unknown`.
class Forwarder : public owner::CommandGate {
 public:
  /// `directory` outlives the forwarder. Errors: malformed `node_url_malformed`; those of
  /// Credentials.
  static Result<std::unique_ptr<Forwarder>> start(OwnerDirectory& directory,
                                                  ForwarderOptions options);
  ~Forwarder() override;  ///< stops

  /// Replies come from the forwarder's thread; from the caller's when there is no room, or the
  /// command is too large (malformed `command_too_large`), or it has stopped.
  void submit(ledger::Command command, owner::Reply reply,
              Deadline deadline = Deadline::max()) override;
  owner::LedgerHead head() const override;
  const pb::Genesis& genesis() const override;

  /// Errors, all unavailable: `owner_unknown`, `owner_not_listed`, `owner_silent`, and what the
  /// owner says of itself.
  Status health() const override;

  /// Answers whoever waits, as at a deadline, and ends the thread. Idempotent.
  void stop();

 private:
  struct Impl;
  explicit Forwarder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace fl::nodes

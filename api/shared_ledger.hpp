#pragma once

#include <memory>

#include "api/platform_options.hpp"
#include "core/owner/ledger_node.hpp"

namespace fl::log {
class WorkShare;
}
namespace fl::nodes {
class Forwarder;
class NodeServer;
}  // namespace fl::nodes

namespace fl::api {

/// The gate of a node whose ledger is shared with others. It follows the ledger; where it may, it
/// is a member of the group whose one member tries to own it; commands of its clients it decides
/// when it is the owner, and hands to whoever is otherwise. Thread-safe.
class SharedLedger : public owner::CommandGate {
 public:
  /// Reads the ledger to its end. What is given outlives it. Errors: as LedgerNode::start, of the
  /// links, and of the group.
  static Result<std::unique_ptr<SharedLedger>> open(log::Log& log, owner::SnapshotStore* snapshots,
                                                    const owner::Clock& clock,
                                                    owner::Candidate::Random random,
                                                    const PlatformOptions& options,
                                                    const owner::Progress& progress);
  ~SharedLedger() override;

  /// For the log's listener.
  void notify(log::Offset end) { node_->notify(end); }

  /// A command that the owner here does not bring to an end, because another takes over, goes on to
  /// that one: whoever asks again with the same id is told what became of the first.
  void submit(ledger::Command command, owner::Reply reply,
              Deadline deadline = Deadline::max()) override;
  owner::LedgerHead head() const override { return node_->head(); }
  const pb::Genesis& genesis() const override { return node_->genesis(); }
  /// Of following the log: who owns the ledger is no trouble of this node's.
  Status health() const override { return node_->health(); }
  owner::Ownership ownership() const { return node_->ownership(); }
  void on_failure(std::function<void(const Error&)> listener) {
    node_->on_failure(std::move(listener));
  }

  /// Leaves the group, so that a standby takes over at once; answers whoever waits. Idempotent.
  void stop();

 private:
  class Directory;
  SharedLedger();
  Status link(const PlatformOptions& options);
  Status join(log::Log& log, const PlatformOptions& options);

  std::unique_ptr<owner::LedgerNode> node_;
  std::unique_ptr<Directory> directory_;
  std::unique_ptr<nodes::NodeServer> server_;
  std::unique_ptr<nodes::Forwarder> forwarder_;
  std::unique_ptr<log::WorkShare> seat_;
};

}  // namespace fl::api

#pragma once

#include <functional>
#include <string>

#include "core/owner/command_gate.hpp"

namespace fl::nodes {

/// What this node has read of the ledger: who owns it, and where it stands. Thread-safe.
class OwnerDirectory {
 public:
  virtual ~OwnerDirectory() = default;

  /// The address in the last valid fence that was read; empty while none was.
  virtual std::string owner_url() const = 0;

  /// `listener` is called, from any thread, after each valid fence that was read: the owner is
  /// another, or the same anew. Once this returns, the listener before is not called any more.
  virtual void on_owner_change(std::function<void()> listener) = 0;

  virtual owner::LedgerHead head() const = 0;
  virtual const pb::Genesis& genesis() const = 0;
};

}  // namespace fl::nodes

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/log/log.hpp"

namespace fl::workers {

/// How far this node has followed the ledger's chain, and how far it has turned activity into work.
/// What counts is the group's position; this is its chain, and where to begin when it has none.
/// Losing it costs time alone: everything that the dispatcher appends has an id of its cause, so
/// the second time is void.
struct DispatcherPosition {
  log::Offset ledger = 0;
  std::string chain;  ///< of the chain reader
  std::vector<log::Offset> activity;

  /// An absent or unreadable file is the beginning.
  static DispatcherPosition load(const std::filesystem::path& file, std::size_t partitions);
  Status save(const std::filesystem::path& file) const;
};

}  // namespace fl::workers

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/log/log.hpp"
#include "projections/position_token.hpp"

namespace fl::projections {

class View;

/// How far a read model has come: next offsets, and what the ledger's reader needs to go on.
struct Progress {
  log::Offset ledger = 0;
  std::string ledger_state;           ///< LedgerReader::state after the records below `ledger`
  std::vector<log::Offset> activity;  ///< next offset, by partition

  PositionToken token() const;
  bool operator==(const Progress&) const = default;
};

/// The position row of a projection, written with its rows.
struct ProjectionPosition {
  std::uint32_t version = 0;  ///< of the projection
  Progress progress;
};

std::string encode(const ProjectionPosition& position);
std::optional<ProjectionPosition> decode_position(std::string_view bytes);

/// How far a projection has come in this view; the beginning when nothing is applied. Throws
/// StorageError.
Progress progress_of(const View& view, std::string_view projection);

}  // namespace fl::projections

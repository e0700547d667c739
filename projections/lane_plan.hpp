#pragma once

#include <vector>

#include "core/log/log.hpp"
#include "projections/projection.hpp"
#include "projections/projection_position.hpp"

namespace fl::projections {

/// Projections that stand at one position.
struct LanePlan {
  Progress progress;
  std::vector<Projection*> projections;
};

/// Where each projection goes on, the furthest first and all others behind it. Clears a projection
/// that has another version, or that is not behind the furthest in every partition, which no run of
/// the runner leaves. Errors: unavailable, when the log ends before what was applied
/// (`log_truncated`), has fewer partitions, or storage fails. Throws StorageError.
Result<std::vector<LanePlan>> plan_lanes(Store& store, log::Log& log,
                                         const std::vector<Projection*>& projections);

}  // namespace fl::projections

#pragma once

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/log/log.hpp"
#include "projections/read_models.hpp"

namespace fl::projections {

/// What a right is decided on: one view, the place of the ledger at which that very view stands,
/// and one instant. An event that is admitted names both (`checked_at`, `time_ms`), so whoever
/// decides it again from the log has the same facts. Keep it no longer than one request.
struct Standpoint {
  View view;
  log::Offset ledger = 0;  ///< the view holds all records below, and none from here on
  Instant now;             ///< taken before the view
};

/// Error: unavailable `rebuilding`, while the read models that rights are decided from do not stand
/// at one place of the ledger: no one place gives what they hold. Throws StorageError.
Result<Standpoint> take_standpoint(const Store& store, const ReadModels& models, Instant now);

}  // namespace fl::projections

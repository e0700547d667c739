#include "projections/standpoint.hpp"

#include <algorithm>
#include <array>

#include "projections/projection_position.hpp"

namespace fl::projections {

Result<Standpoint> take_standpoint(const Store& store, const ReadModels& models, Instant now) {
  auto view = store.view();
  // Those of the policy (policy.cpp) that hold facts of the ledger.
  const std::array offsets = {progress_of(view, models.accounts.name()).ledger,
                              progress_of(view, models.catalogue.name()).ledger,
                              progress_of(view, models.access.name()).ledger};
  if (std::ranges::adjacent_find(offsets, std::ranges::not_equal_to{}) != offsets.end()) {
    return fail(ErrorClass::unavailable, "rebuilding", "", "Read models are being rebuilt.");
  }
  return Standpoint{std::move(view), offsets.front(), now};
}

}  // namespace fl::projections

#pragma once

#include "core/activity/jobs.hpp"
#include "projections/projection.hpp"

namespace fl::projections {

/// Who holds which job. It keeps the ids of claims seen, since a claim delivered twice must not
/// supersede itself.
class Jobs : public Projection {
 public:
  Jobs() : Projection("jobs", 2) {}
  using Projection::apply;
  Status apply(Txn& txn, const ActivityEventAt& at) override;

  activity::JobRow job(const View& view, const JobId& id) const;  ///< queued when never claimed
};

}  // namespace fl::projections

#include "projections/lane_plan.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <iterator>
#include <tuple>

#include "projections/store_handles.hpp"

namespace fl::projections {
namespace {

Progress beginning(log::Log& log) {
  Progress begin;
  begin.activity.resize(log.partitions(log::Stream::activity), 0);
  return begin;
}

Status forget(Store& store, const Projection& projection) {
  spdlog::info(fmt::format("read model {} begins anew, version {}", projection.name(),
                           projection.version()));
  return store.clear(projection.name());
}

Result<Progress> position_of(Store& store, log::Log& log, const Projection& projection) {
  Progress begin = beginning(log);
  const auto row = store.view().get(projection.name(), kPositionKey);
  if (!row) return begin;
  auto position = decode_position(*row);
  if (!position || position->version != projection.version()) {
    if (auto cleared = forget(store, projection); !cleared) return fail(cleared.error());
    return begin;
  }
  if (position->progress.activity.size() > begin.activity.size()) {
    return fail(ErrorClass::unavailable, "log_partitions", "",
                "The log has fewer partitions of activity than were applied.");
  }
  position->progress.activity.resize(begin.activity.size(), 0);
  return position->progress;
}

Status check_ends(log::Log& log, const Progress& progress) {
  const auto check = [&](log::Stream stream, log::PartitionIndex partition,
                         log::Offset next) -> Status {
    auto end = log.end(stream, partition);
    if (!end) return fail(end.error());
    if (*end >= next) return {};
    return fail(
        ErrorClass::unavailable, "log_truncated", "",
        fmt::format("The log ends at {} where {} was applied: records are lost.", *end, next));
  };
  if (auto good = check(log::Stream::ledger, 0, progress.ledger); !good) return good;
  for (std::size_t i = 0; i < progress.activity.size(); ++i) {
    auto good =
        check(log::Stream::activity, static_cast<log::PartitionIndex>(i), progress.activity[i]);
    if (!good) return good;
  }
  return {};
}

/// Adds a projection to the plan of its position.
void place(std::vector<LanePlan>& plans, const Progress& progress, Projection* projection) {
  auto found = std::ranges::find(plans, progress, &LanePlan::progress);
  if (found == plans.end()) found = plans.insert(plans.end(), LanePlan{progress, {}});
  found->projections.push_back(projection);
}

}  // namespace

Result<std::vector<LanePlan>> plan_lanes(Store& store, log::Log& log,
                                         const std::vector<Projection*>& projections) {
  std::vector<LanePlan> found;
  for (auto* projection : projections) {
    auto progress = position_of(store, log, *projection);
    if (!progress) return fail(progress.error());
    if (auto good = check_ends(log, *progress); !good) return fail(good.error());
    place(found, *progress, projection);
  }
  const auto furthest = std::ranges::max_element(found, [](const auto& a, const auto& b) {
    return std::tie(a.progress.ledger, a.progress.activity) <
           std::tie(b.progress.ledger, b.progress.activity);
  });
  std::iter_swap(found.begin(), furthest);

  std::vector<LanePlan> plans;
  const auto front = found.front().progress.token();
  for (const auto& plan : found) {
    const auto token = plan.progress.token();
    const bool leads = plan.progress == found.front().progress;
    const bool behind = token.covered_by(front) && token != front;
    for (auto* projection : plan.projections) {
      if (leads || behind) {
        place(plans, plan.progress, projection);
        continue;
      }
      if (auto cleared = forget(store, *projection); !cleared) return fail(cleared.error());
      place(plans, beginning(log), projection);
    }
  }
  return plans;
}

}  // namespace fl::projections

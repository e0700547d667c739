#include "core/log/whole_share.hpp"

#include <algorithm>

namespace fl::log {

Result<std::unique_ptr<WorkShare>> WholeShare::join(const std::vector<StreamConfig>& log,
                                                    GroupPositions& positions,
                                                    std::string_view group,
                                                    const std::vector<Stream>& streams) {
  if (auto right = check_join(log, group, streams); !right) return fail(right.error());
  std::vector<Held> all;
  for (const auto& config : log) {
    if (std::find(streams.begin(), streams.end(), config.stream) == streams.end()) continue;
    for (PartitionIndex p = 0; p < config.partitions; ++p) all.push_back({config.stream, p, 1});
  }
  return std::unique_ptr<WorkShare>(new WholeShare(positions, group, std::move(all)));
}

std::vector<Held> WholeShare::assigned() const {
  return stopped_ ? std::vector<Held>{} : all_;
}

bool WholeShare::holds(const Held& held) const {
  return !stopped_ && std::find(all_.begin(), all_.end(), held) != all_.end();
}

Result<std::optional<Offset>> WholeShare::committed(Stream stream, PartitionIndex partition) {
  return positions_.committed(group_, stream, partition);
}

Status WholeShare::commit(const Held& held, Offset next) {
  if (!holds(held)) return not_held(held);
  return positions_.commit(group_, held.stream, held.partition, next);
}

}  // namespace fl::log

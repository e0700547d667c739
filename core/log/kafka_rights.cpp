#include "core/log/kafka_rights.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace fl::log::kafka {

RightsReport report_rights(const std::string& topic,
                           const Result<std::optional<std::vector<WriteRule>>>& rules) {
  if (!rules) return {false, fmt::format("who may append to {}: {}", topic, rules.error().message)};
  if (!*rules) {
    return {false, fmt::format("the cluster has no rules of access: everybody who reaches it may "
                               "append to {}",
                               topic)};
  }
  std::set<std::string> may;
  for (const auto& rule : **rules)
    if (rule.allows) may.insert(rule.principal);
  for (const auto& rule : **rules)
    if (!rule.allows) may.erase(rule.principal);
  if (may.empty()) {
    // What a cluster without an authorizer answers looks the same to librdkafka 2.0.2.
    return {false, fmt::format("the cluster has no rule about who may append to {}: without an "
                               "authorizer everybody may",
                               topic)};
  }
  if (may.contains("User:*"))
    return {false, fmt::format("everybody who is known to the cluster may append to {}", topic)};
  return {may.size() == 1, fmt::format("these may append to {}: {}", topic, fmt::join(may, ", "))};
}

}  // namespace fl::log::kafka

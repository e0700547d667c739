#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/log/kafka_admin.hpp"

namespace fl::log::kafka {

/// What the rules of a cluster come to, in a sentence for the log of a node, and whether somebody
/// should look at it. Whoever else appends to the ledger does no harm to its balances, for what
/// they append is void; but they can keep its owner from working.
struct RightsReport {
  bool is_safe = false;
  std::string text;
};
RightsReport report_rights(const std::string& topic,
                           const Result<std::optional<std::vector<WriteRule>>>& rules);

}  // namespace fl::log::kafka

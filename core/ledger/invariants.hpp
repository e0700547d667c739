#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/ledger/state.hpp"

namespace fl::ledger {

struct Violation {
  std::string_view invariant;  ///< its name
  std::string_view sentence;   ///< what must always hold
  std::string detail;
};

/// Looks at every event before it is applied, whoever made it and whatever the rules said: the last
/// veto. Independent of the rules on purpose. Nothing when all hold.
std::optional<Violation> find_violation(const State& before, const pb::LedgerEvent& event);

}  // namespace fl::ledger

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/activity/act.hpp"

namespace fl::activity {

/// What stands under an id: the first event of that id in its partition. A later one is void,
/// whatever it says, so every reader agrees on which request a client's key names.
struct SeenRow {
  std::uint64_t offset = 0;
  std::string mac;  ///< of the request that asked for it; empty: the id is no client's
  bool operator==(const SeenRow&) const = default;
};

std::string encode(const SeenRow& row);
std::optional<SeenRow> decode_seen(std::string_view bytes);

/// `applied` for the first of an id, also when the fold of its body finds it void.
Verdict fold(std::optional<SeenRow>& row, const Act& act);

}  // namespace fl::activity

#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string_view>

#include "core/base/error.hpp"

namespace fl::http {

/// Strict JSON: one value, UTF-8 only, no duplicate keys, no number beyond its type, at most
/// `depth` levels. Errors: `json_malformed`, `json_duplicate_key`, `json_too_deep`.
Result<nlohmann::json> parse_json(std::string_view text, std::size_t depth = 16);

}  // namespace fl::http

#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace fl::http {

/// The number of code points, or nothing when the text is not valid UTF-8 (RFC 3629).
std::optional<std::size_t> utf8_length(std::string_view text);

}  // namespace fl::http

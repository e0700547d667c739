#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace fl::secrets {

/// The bytes of the well-formed UTF-8 character that begins at `at` (1 to 4), or 0: none does.
std::size_t utf8_character(std::string_view text, std::size_t at);

/// How many characters (code points), or nothing when it is not UTF-8.
std::optional<std::size_t> utf8_length(std::string_view text);

}  // namespace fl::secrets

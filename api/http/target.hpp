#pragma once

#include <string_view>

#include "api/http/request.hpp"
#include "core/base/error.hpp"

namespace fl::http {

/// Takes the target of a request line apart, into `segments` and `query`. Origin form, absolute
/// form
/// (`http://host/path`) and `*` (no segments, OPTIONS alone) are understood. Refused: bad
/// percent-encoding, NUL and control characters, what is not UTF-8, dot segments, fragments.
Status parse_target(std::string_view target, Request& request);

/// "a%20b" → "a b"; `plus` also turns '+' into a space. False when it is malformed.
bool percent_decode(std::string_view text, bool plus, std::string& out);

}  // namespace fl::http

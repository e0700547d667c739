#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace fl::http {

/// Error codes whose status is not their class's. The edge's own are built in; an application adds
/// its own (`insufficient_funds` → 402).
using StatusByCode = std::map<std::string, int, std::less<>>;

/// malformed 400, or 422 when it names a field; unauthorized 401; refused 403; not_found 404;
/// conflict 409; retry and unavailable 503; unless the code has a status of its own.
int status_of(const Error& error, const StatusByCode& overrides = {});

/// RFC 9457: {"type": "/problems/<code>", "title", "status", "detail", "code", "field",
/// "instance"}.
std::string problem_json(const Error& error, int status, std::string_view instance);

std::string_view reason_phrase(int status);

}  // namespace fl::http

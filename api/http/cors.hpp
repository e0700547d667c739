#pragma once

#include <string>

#include "api/http/request.hpp"
#include "api/http/server.hpp"

namespace fl::http {

/// Whether a page of the request's origin may call us: none given, our own host, or on the list.
bool origin_allowed(const Cors& cors, const Request& request);
bool is_preflight(const Request& request);
/// Fields for the answer, each with its CRLF; empty for a request without a listed origin.
std::string cors_fields(const Cors& cors, const Request& request);
/// Answers a preflight from a listed origin; others get no permission.
void set_preflight(const Cors& cors, const Request& request, std::string_view methods,
                   Response& response);

}  // namespace fl::http

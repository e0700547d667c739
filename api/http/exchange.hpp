#pragma once

#include "api/http/awaitable.hpp"
#include "api/http/body_reader.hpp"
#include "api/http/core.hpp"
#include "api/http/header_block.hpp"

namespace fl::http {

/// From a request to its answer: route, caller, body, handler. Knows nothing of sockets.
/// What a handler throws becomes a 500, and is logged.
boost::asio::awaitable<Response> answer(Core& core, Head& head, BodyReader& body,
                                        const Router::Match& match);

/// Who calls, as the row demands.
boost::asio::awaitable<Result<Identity>> authenticate(const Core& core, const Request& request,
                                                      Access access);

Error no_such_route();
std::string allow_field(const std::vector<Method>& methods);
Error internal_error();

}  // namespace fl::http

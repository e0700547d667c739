#pragma once

#include "api/http/awaitable.hpp"
#include "api/http/core.hpp"
#include "api/http/header_block.hpp"
#include "api/http/response.hpp"
#include "api/http/stream.hpp"

namespace fl::http {

struct Written {
  int status = 0;
  bool whole = false;  ///< the client has all of it, and another request may follow
};

/// Writes the answer to `head`: status, fields, body. `request` may be a mere shell with an id when
/// the head could not be read. `more_fields` are whole lines. Errors become problem details.
boost::asio::awaitable<Written> write_response(Core& core, Stream& stream, const Head& head,
                                               Response& response, bool keep_alive);

}  // namespace fl::http

#pragma once

#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <optional>
#include <string_view>

#include "api/http/limits.hpp"
#include "api/http/request.hpp"
#include "core/base/error.hpp"

namespace fl::http {

/// A request's head as it concerns the connection.
struct Head {
  Request request;
  std::string method_text;
  bool keep_alive = false;
  bool http10 = false;
  bool chunked = false;
  bool expect_continue = false;
  bool upgrade = false;  ///< to WebSocket
  boost::beast::http::request<boost::beast::http::empty_body> message;
  /// Set when the request could be read but not served: the method is not one of ours.
  bool unknown_method = false;
};

/// Looks for what no header block may hold (control characters, line ends that are not CRLF), so
/// that garbage is refused at its first bytes. `from` is where the last look ended.
Status check_bytes(std::string_view block, std::size_t from);

/// `block` ends with CRLF CRLF. Beast reads the syntax; what it lets pass is refused here: folded
/// lines, repeated or missing Host, Content-Length that is repeated or beside Transfer-Encoding,
/// any coding but a single "chunked".
Result<Head> parse_head(std::string_view block, const Limits& limits);

}  // namespace fl::http

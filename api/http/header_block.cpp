#include "api/http/header_block.hpp"

#include <algorithm>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <charconv>

#include "api/http/target.hpp"

namespace fl::http {
namespace beast = boost::beast;
namespace {

Failure bad(std::string code, std::string message) {
  return fail(ErrorClass::malformed, std::move(code), "", std::move(message));
}

Status check_lines(std::string_view block, const Limits& limits) {
  std::size_t lines = 0;
  for (std::size_t at = 0; at < block.size(); ++lines) {
    const auto end = block.find("\r\n", at);
    const auto line = block.substr(at, end - at);
    if (lines == 0) {
      const auto target = line.find(' ');
      const auto after = line.rfind(' ');
      if (target != std::string_view::npos && after - target > limits.target_bytes) {
        return bad("target_too_long", "The target of the request is too long.");
      }
    } else if (!line.empty() && (line[0] == ' ' || line[0] == '\t')) {
      return bad("header_malformed", "A header field is folded over several lines.");
    }
    at = end + 2;
  }
  if (lines > limits.header_count + 2) {  // the request line and the empty line
    return bad("header_too_large", "The request has too many header fields.");
  }
  return {};
}

bool valid_host(std::string_view host) {
  constexpr std::string_view kAllowed = "-._~:[]%!$&'()*+,;=";
  return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kAllowed.find(c) != std::string_view::npos;
  });
}

Status check_host(const Head& head) {
  const auto& headers = head.request.headers;
  const auto count = headers.count("Host");
  if (count > 1) return bad("host_malformed", "The request names its host more than once.");
  if (count == 0) {
    if (head.http10) return {};
    return bad("host_missing", "The request does not name its host.");
  }
  if (!valid_host(headers.get("Host"))) return bad("host_malformed", "The host is malformed.");
  return {};
}

/// How long the body is must be beyond doubt: two readings of it are how requests are smuggled.
Status check_framing(Head& head) {
  const auto& headers = head.request.headers;
  const auto lengths = headers.count("Content-Length");
  const auto codings = headers.count("Transfer-Encoding");
  if (lengths + codings > 1) {
    return bad("framing_ambiguous", "The length of the body is given more than once.");
  }
  if (codings == 1) {
    if (head.http10) return bad("framing_ambiguous", "HTTP/1.0 has no transfer codings.");
    const auto coding = headers.get("Transfer-Encoding");
    if (!same_name(coding, "chunked")) {
      return bad("transfer_coding_unknown", "The only transfer coding understood is chunked.");
    }
    head.chunked = true;
    head.request.has_body = true;
  }
  if (lengths == 1) {
    const auto text = headers.get("Content-Length");
    std::uint64_t length = 0;
    const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), length);
    if (text.empty() || text.size() > 18 || ec != std::errc() || end != text.data() + text.size()) {
      return bad("content_length_malformed", "Content-Length is not a number.");
    }
    head.request.content_length = length;
    head.request.has_body = length > 0;
  }
  return {};
}

Status check_expectation(Head& head) {
  if (!head.request.headers.has("Expect") || head.http10) return {};
  if (!same_name(head.request.headers.get("Expect"), "100-continue")) {
    return bad("expectation_failed", "The only expectation understood is 100-continue.");
  }
  head.expect_continue = head.request.has_body;
  return {};
}

}  // namespace

Status check_bytes(std::string_view block, std::size_t from) {
  for (std::size_t i = from; i < block.size(); ++i) {
    const auto byte = static_cast<unsigned char>(block[i]);
    const bool lone_lf = byte == '\n' && (i == 0 || block[i - 1] != '\r');
    const bool lone_cr = i > 0 && block[i - 1] == '\r' && byte != '\n';
    const bool control =
        (byte < 0x20 && byte != '\r' && byte != '\n' && byte != '\t') || byte == 0x7f;
    if (lone_lf || lone_cr || control) {
      return bad("header_malformed", "The header has bytes that it may not have.");
    }
  }
  return {};
}

Result<Head> parse_head(std::string_view block, const Limits& limits) {
  if (auto lines = check_lines(block, limits); !lines) return fail(lines.error());
  beast::http::request_parser<beast::http::empty_body> parser;
  parser.header_limit(static_cast<std::uint32_t>(limits.header_bytes + 4));
  parser.body_limit(std::numeric_limits<std::uint64_t>::max());  // bounded by the body's reader
  parser.eager(false);
  beast::error_code ec;
  parser.put(boost::asio::const_buffer(block.data(), block.size()), ec);
  if (ec || !parser.is_header_done()) {
    return bad("header_malformed", "The request is not valid HTTP.");
  }
  Head head;
  auto& message = parser.get();
  head.http10 = message.version() == 10;
  if (message.version() != 11 && !head.http10) {
    return bad("http_version_unknown", "The versions understood are HTTP/1.1 and HTTP/1.0.");
  }
  head.keep_alive = !head.http10 && parser.keep_alive();
  for (const auto& field : message) {
    head.request.headers.add(std::string(field.name_string()), std::string(field.value()));
  }
  for (auto status : {check_host(head), check_framing(head), check_expectation(head)}) {
    if (!status) return fail(status.error());
  }
  head.method_text = std::string(message.method_string());
  const auto method = parse_method(head.method_text);
  head.unknown_method = !method;
  head.request.method = method.value_or(Method::get);
  head.request.target = std::string(message.target());
  if (auto target = parse_target(head.request.target, head.request); !target) {
    return fail(target.error());
  }
  head.upgrade = beast::websocket::is_upgrade(message);
  head.message = parser.release();
  return head;
}

}  // namespace fl::http

#include "api/http/target.hpp"

#include <algorithm>

#include "api/http/utf8.hpp"

namespace fl::http {
namespace {

constexpr std::size_t kMaxQueryParams = 64;
constexpr std::size_t kMaxSegments = 32;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_control(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte < 0x20 || byte == 0x7f;
}

Failure bad_target(std::string message) {
  return fail(ErrorClass::malformed, "target_malformed", "", std::move(message));
}

Status parse_path(std::string_view path, Request& request) {
  path.remove_prefix(1);
  for (;;) {
    const auto slash = path.find('/');
    std::string segment;
    if (!percent_decode(path.substr(0, slash), false, segment)) {
      return bad_target("The path has a bad percent-encoding.");
    }
    if (std::any_of(segment.begin(), segment.end(), is_control) || !utf8_length(segment)) {
      return bad_target("The path has characters that it may not have.");
    }
    if (segment == "." || segment == "..") return bad_target("The path has a dot segment.");
    if (request.segments.size() >= kMaxSegments) return bad_target("The path is too deep.");
    request.segments.push_back(std::move(segment));
    if (slash == std::string_view::npos) return {};
    path.remove_prefix(slash + 1);
  }
}

Status parse_query(std::string_view query, Request& request) {
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto pair = query.substr(0, end);
    query.remove_prefix(end == std::string_view::npos ? query.size() : end + 1);
    if (pair.empty()) continue;
    const auto equals = pair.find('=');
    std::string name, value;
    const auto raw_value =
        equals == std::string_view::npos ? std::string_view() : pair.substr(equals + 1);
    if (!percent_decode(pair.substr(0, equals), true, name) ||
        !percent_decode(raw_value, true, value)) {
      return bad_target("The query has a bad percent-encoding.");
    }
    const auto has_nul = [](const std::string& text) {
      return text.find('\0') != std::string::npos;
    };
    if (has_nul(name) || has_nul(value) || !utf8_length(name) || !utf8_length(value)) {
      return bad_target("The query has characters that it may not have.");
    }
    if (request.query.size() >= kMaxQueryParams) {
      return bad_target("The query has too many parameters.");
    }
    request.query.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

}  // namespace

bool percent_decode(std::string_view text, bool plus, std::string& out) {
  out.clear();
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus) {
      out.push_back(' ');
    } else if (text[i] != '%') {
      out.push_back(text[i]);
    } else {
      if (text.size() - i < 3) return false;
      const int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
      if (high < 0 || low < 0) return false;
      out.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    }
  }
  return true;
}

Status parse_target(std::string_view target, Request& request) {
  if (target == "*") {
    if (request.method == Method::options) return {};
    return bad_target("Only OPTIONS may ask for *.");
  }
  for (char c : target) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte <= 0x20 || byte >= 0x7f || c == '#' || c == '\\' || c == '"' || c == '<' || c == '>') {
      return bad_target("The target has characters that it may not have.");
    }
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!target.starts_with(scheme)) continue;
    target.remove_prefix(scheme.size());
    const auto path = target.find('/');
    if (path == 0 || path == std::string_view::npos) {
      return bad_target("The target has no host, or no path.");
    }
    target.remove_prefix(path);
    break;
  }
  if (!target.starts_with('/')) return bad_target("The target is not a path.");
  const auto question = target.find('?');
  if (auto path = parse_path(target.substr(0, question), request); !path) return path;
  if (question == std::string_view::npos) return {};
  return parse_query(target.substr(question + 1), request);
}

}  // namespace fl::http

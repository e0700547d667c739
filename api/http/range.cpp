#include "api/http/range.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

namespace fl::http {
namespace {

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// A position too large for 64 bits is past any end: it counts as the largest.
std::optional<std::uint64_t> number(std::string_view text) {
  if (text.empty() ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  return result.ec == std::errc() ? value : UINT64_MAX;
}

bool quoted_equals(std::string_view quoted, std::string_view etag) {
  return quoted.size() == etag.size() + 2 && quoted.front() == '"' && quoted.back() == '"' &&
         quoted.substr(1, etag.size()) == etag;
}

bool none_match(std::string_view list, std::string_view etag) {
  if (trim(list) == "*") return true;
  while (!list.empty()) {
    const auto comma = list.find(',');
    auto entry = trim(list.substr(0, comma));
    if (entry.starts_with("W/")) entry.remove_prefix(2);
    if (quoted_equals(entry, etag)) return true;
    list.remove_prefix(comma == std::string_view::npos ? list.size() : comma + 1);
  }
  return false;
}

}  // namespace

Selection select(const Request& request, std::uint64_t size, std::string_view etag) {
  const Selection whole{Selection::whole, 0, size};
  const auto& headers = request.headers;
  if (!etag.empty() && headers.has("If-None-Match") &&
      none_match(headers.get("If-None-Match"), etag)) {
    return {Selection::not_modified, 0, 0};
  }
  if (request.method != Method::get || headers.count("Range") != 1) return whole;
  if (headers.has("If-Range") &&
      (etag.empty() || !quoted_equals(trim(headers.get("If-Range")), etag))) {
    return whole;
  }
  std::string_view range = headers.get("Range");
  if (range.size() < 6 || !same_name(range.substr(0, 6), "bytes=")) return whole;
  range = trim(range.substr(6));
  const auto dash = range.find('-');
  if (dash == std::string_view::npos) return whole;
  const auto first_text = trim(range.substr(0, dash)), last_text = trim(range.substr(dash + 1));
  const auto first = number(first_text), last = number(last_text);
  if (first_text.empty()) {  // the last n bytes
    if (!last) return whole;
    if (*last == 0 || size == 0) return {Selection::unsatisfiable, 0, 0};
    const auto length = std::min(*last, size);
    return {Selection::partial, size - length, length};
  }
  if (!first || (!last && !last_text.empty()) || (last && *last < *first)) return whole;
  if (*first >= size) return {Selection::unsatisfiable, 0, 0};
  const auto end = last ? std::min(*last, size - 1) : size - 1;
  return {Selection::partial, *first, end - *first + 1};
}

}  // namespace fl::http

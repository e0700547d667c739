#include "api/nodes/node_url.hpp"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

namespace fl::nodes {
namespace {

constexpr std::string_view kScheme = "tls://";
constexpr std::size_t kMaxHost = 253;

bool is_host_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

bool is_ipv6(const std::string& host) {
  in6_addr ignored{};
  return ::inet_pton(AF_INET6, host.c_str(), &ignored) == 1;
}

std::optional<Endpoint> parse_endpoint(std::string_view text, unsigned lowest_port) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Endpoint out;
  const auto digits = text.substr(colon + 1);
  unsigned port = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (ec != std::errc() || end != digits.data() + digits.size() || port < lowest_port ||
      port > 65'535) {
    return std::nullopt;
  }
  out.port = static_cast<std::uint16_t>(port);
  out.host = text.substr(0, colon);
  std::transform(out.host.begin(), out.host.end(), out.host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (out.host.starts_with('[') && out.host.ends_with(']')) {
    out.host = out.host.substr(1, out.host.size() - 2);
    if (!is_ipv6(out.host)) return std::nullopt;
    return out;
  }
  if (out.host.empty() || out.host.size() > kMaxHost ||
      !std::all_of(out.host.begin(), out.host.end(), is_host_character)) {
    return std::nullopt;
  }
  return out;
}

}  // namespace

Result<Endpoint> parse_node_url(std::string_view text, const std::string& field) {
  std::optional<Endpoint> endpoint;
  if (text.starts_with(kScheme)) endpoint = parse_endpoint(text.substr(kScheme.size()), 1);
  if (!endpoint) {
    return fail(ErrorClass::malformed, "node_url_malformed", field,
                fmt::format("\"{}\" is not the address of a node: it is tls://HOST:PORT.", text));
  }
  return *endpoint;
}

std::string node_url(const Endpoint& endpoint) {
  const bool brackets = endpoint.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}{}:{}", kScheme, brackets ? "[" : "", endpoint.host,
                     brackets ? "]" : "", endpoint.port);
}

Result<Endpoint> parse_listen(std::string_view text, const std::string& field) {
  auto endpoint = parse_endpoint(text, 0);
  if (!endpoint || !is_address(endpoint->host)) {
    return fail(ErrorClass::malformed, "listen_malformed", field,
                fmt::format("\"{}\" is not where a node can listen: it is ADDRESS:PORT.", text));
  }
  return *endpoint;
}

bool is_address(const std::string& host) {
  in_addr ignored{};
  return is_ipv6(host) || ::inet_pton(AF_INET, host.c_str(), &ignored) == 1;
}

}  // namespace fl::nodes

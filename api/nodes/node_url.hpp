#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/error.hpp"

namespace fl::nodes {

/// Where a node is: a name or an address, and a port.
struct Endpoint {
  std::string host;  ///< in lower case, an IPv6 address without its brackets
  std::uint16_t port = 0;
  auto operator<=>(const Endpoint&) const = default;
};

/// "tls://node-1.example:7443", "tls://10.0.0.7:7443", "tls://[fd00::7]:7443". Errors: malformed
/// `node_url_malformed` of `field`.
Result<Endpoint> parse_node_url(std::string_view text, const std::string& field);
std::string node_url(const Endpoint& endpoint);

/// "0.0.0.0:7443": an address of this machine; port 0 is any that is free. Errors: malformed
/// `listen_malformed` of `field`.
Result<Endpoint> parse_listen(std::string_view text, const std::string& field);

/// Whether the host is an address rather than a name.
bool is_address(const std::string& host);

}  // namespace fl::nodes

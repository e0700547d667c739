#include "api/http/cors.hpp"

#include <algorithm>

namespace fl::http {
namespace {

bool listed(const Cors& cors, std::string_view origin) {
  return std::any_of(cors.allowed_origins.begin(), cors.allowed_origins.end(),
                     [&](const std::string& entry) { return entry == "*" || entry == origin; });
}

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace

bool origin_allowed(const Cors& cors, const Request& request) {
  if (!request.headers.has("Origin")) return true;
  const auto origin = request.headers.get("Origin");
  if (listed(cors, origin)) return true;
  const auto authority = origin.find("://");
  const auto host = request.headers.get("Host");
  return authority != std::string_view::npos && !host.empty() &&
         same_name(origin.substr(authority + 3), host);
}

bool is_preflight(const Request& request) {
  return request.method == Method::options && request.headers.has("Origin") &&
         request.headers.has("Access-Control-Request-Method");
}

std::string cors_fields(const Cors& cors, const Request& request) {
  if (cors.allowed_origins.empty()) return {};
  const auto origin = request.headers.get("Origin");
  std::string fields = "Vary: Origin\r\n";
  if (origin.empty() || !listed(cors, origin)) return fields;
  fields += "Access-Control-Allow-Origin: " + std::string(origin) + "\r\n";
  if (!cors.exposed_headers.empty()) {
    fields += "Access-Control-Expose-Headers: " + joined(cors.exposed_headers) + "\r\n";
  }
  return fields;
}

void set_preflight(const Cors& cors, const Request& request, std::string_view methods,
                   Response& response) {
  if (!listed(cors, request.headers.get("Origin"))) return;
  response.set("Access-Control-Allow-Methods", methods);
  response.set("Access-Control-Allow-Headers", joined(cors.allowed_headers));
  response.set("Access-Control-Max-Age", "600");
}

}  // namespace fl::http

#include "api/auth.hpp"

#include "api/requests.hpp"
#include "core/owner/clock.hpp"
#include "core/secrets/sessions.hpp"
#include "projections/read_models.hpp"
#include "projections/store.hpp"

namespace fl::api {
namespace {

Failure unauthorized(const char* message) {
  return fail(ErrorClass::unauthorized, "login_required", "Authorization", message);
}

std::string cookie(const http::Request& request, std::string_view name) {
  std::string_view rest = request.headers.get("Cookie");
  while (!rest.empty()) {
    const auto end = rest.find(';');
    auto pair = rest.substr(0, end);
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return std::string(pair.substr(name.size() + 1));
    }
    if (end == std::string_view::npos) break;
    rest.remove_prefix(end + 1);
  }
  return {};
}

Result<http::Identity> identify(Platform& platform, const http::Request& request, bool required) {
  const auto token = session_token(request);
  if (token.empty()) {
    if (required) return unauthorized("Log in, and send the session's token.");
    return http::Identity{};
  }
  const auto session = platform.sessions.find(token, platform.clock.now());
  if (!session) return unauthorized("The session is unknown or over: log in again.");
  http::Identity identity;
  identity.account = session->account;
  identity.session = session->id.str();
  return identity;
}

/// With what the account is: a fan or a creator, for ever.
Result<http::Identity> identify_role(Platform& platform, const http::Request& request) {
  auto identity = identify(platform, request, true);
  if (!identity) return identity;
  try {
    const auto row = platform.models.accounts.by_id(platform.store.view(), *identity->account);
    if (!row) return account_not_read_yet();
    identity->creator = row->creator;
    return identity;
  } catch (const projections::StorageError&) {
    return storage_failure();
  }
}

}  // namespace

std::string session_token(const http::Request& request) {
  const auto bearer = request.bearer_token();
  return bearer.empty() ? cookie(request, kSessionCookie) : std::string(bearer);
}

http::Authenticator make_authenticator(Platform& platform) {
  return [&platform](const http::Request& request,
                     http::Access access) -> boost::asio::awaitable<Result<http::Identity>> {
    switch (access) {
      case http::Access::anyone:
      case http::Access::staff_signature:
        co_return http::Identity{};
      case http::Access::optional_account:
        co_return identify(platform, request, false);
      case http::Access::account:
        co_return identify(platform, request, true);
      case http::Access::creator:
        co_return identify_role(platform, request);
      case http::Access::auditor:
      case http::Access::node:
        break;
    }
    co_return fail(ErrorClass::refused, "caller_not_allowed", "", "Nobody may call this yet.");
  };
}

}  // namespace fl::api

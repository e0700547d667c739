#pragma once

#include "api/http/router.hpp"
#include "api/platform.hpp"

namespace fl::api {

/// Name of the cookie that browsers may use instead of `Authorization: Bearer`. It is HttpOnly and
/// SameSite=Strict, so no other site can send it.
inline constexpr std::string_view kSessionCookie = "fanledger_session";

/// Finds out who calls: a session's token from the Authorization field or the cookie, never from
/// the address. Staff commands carry their signature within: the ledger's rules judge it.
http::Authenticator make_authenticator(Platform& platform);

/// The token that the request carries, or empty.
std::string session_token(const http::Request& request);

}  // namespace fl::api

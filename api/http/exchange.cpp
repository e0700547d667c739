#include "api/http/exchange.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "api/http/cors.hpp"
#include "api/http/json_reader.hpp"

namespace fl::http {
namespace asio = boost::asio;
namespace {

Error malformed(std::string code, std::string message) {
  return {ErrorClass::malformed, std::move(code), "", std::move(message)};
}

bool is_json(std::string_view content_type) {
  auto type = content_type.substr(0, content_type.find(';'));
  while (type.ends_with(' ')) type.remove_suffix(1);
  return same_name(type, "application/json");
}

/// A signature covers the body, so the body comes before the question who signed.
bool signed_body(Access access) {
  return access == Access::staff_signature || access == Access::node;
}

std::uint64_t body_limit(const Route& route, const Limits& limits) {
  if (route.max_body > 0) return route.max_body;
  return route.body == Body::json ? limits.json_body_bytes : limits.streamed_body_bytes;
}

/// What can be said of the body before a byte of it is read.
Status check_body(const Head& head, const Route& route, const Limits& limits) {
  const Request& request = head.request;
  if (route.body == Body::none) {
    if (request.has_body) return fail(malformed("body_unexpected", "This request takes no body."));
    return {};
  }
  if (!request.content_length && !head.chunked) {
    return fail(malformed("length_required", "The length of the body is not given."));
  }
  if (request.content_length && *request.content_length > body_limit(route, limits)) {
    return fail(malformed(
        "body_too_large",
        "The body may have at most " + std::to_string(body_limit(route, limits)) + " bytes."));
  }
  if (route.body == Body::json && !is_json(request.headers.get("Content-Type"))) {
    return fail(malformed("unsupported_media_type", "The body must be application/json."));
  }
  return {};
}

asio::awaitable<Status> read_json_body(Request& request, BodyReader& body) {
  auto text = co_await body.read_all();
  if (!text) co_return fail(text.error());
  request.body = std::move(*text);
  co_return Status{};
}

asio::awaitable<Response> answer_route(Core& core, Head& head, BodyReader& body,
                                       const Router::Match& match) {
  const Route& route = match.entry->route;
  const Limits& limits = core.options.limits;
  if (auto fits = check_body(head, route, limits); !fits) {
    co_return Response::problem(fits.error());
  }
  body.limit(body_limit(route, limits));
  const bool body_first = route.body == Body::json && signed_body(route.access);
  if (body_first) {
    const Status read = co_await read_json_body(head.request, body);
    if (!read) co_return Response::problem(read.error());
  }
  auto identity = co_await authenticate(core, head.request, route.access);
  if (!identity) co_return Response::problem(identity.error());
  RequestContext context(head.request, std::move(*identity), match.params, core.pool);
  if (route.body == Body::json) {
    if (!body_first) {
      const Status read = co_await read_json_body(head.request, body);
      if (!read) co_return Response::problem(read.error());
    }
    auto json = parse_json(head.request.body, limits.json_depth);
    if (!json) co_return Response::problem(json.error());
    context.set_json(std::move(*json));
  }
  if (route.body == Body::streamed) context.set_body(body);
  auto response = co_await match.entry->handler(context);
  if (!response) co_return Response::problem(response.error());
  co_return std::move(*response);
}

Response answer_options(const Core& core, const Head& head, const Router::Match& match) {
  Response response = Response::empty();
  std::string methods = allow_field(match.allowed);
  if (match.allowed.empty()) methods = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
  response.set("Allow", methods);
  if (is_preflight(head.request)) set_preflight(core.options.cors, head.request, methods, response);
  return response;
}

}  // namespace

Error no_such_route() {
  return {ErrorClass::not_found, "not_found", "", "There is nothing at this address."};
}

Error internal_error() {
  return {ErrorClass::unavailable, "internal", "", "Something went wrong on our side."};
}

std::string allow_field(const std::vector<Method>& methods) {
  std::string text;
  for (const Method method : methods) {
    if (!text.empty()) text += ", ";
    text += to_string(method);
  }
  return text;
}

asio::awaitable<Result<Identity>> authenticate(const Core& core, const Request& request,
                                               Access access) {
  if (access == Access::anyone) co_return Identity{};
  auto identity = co_await core.options.authenticator(request, access);
  const bool needs_account = access == Access::account || access == Access::creator;
  if (identity && needs_account && !identity->account) {
    co_return fail(ErrorClass::unauthorized, "unauthorized", "", "Log in to do this.");
  }
  if (identity && access == Access::creator && !identity->creator) {
    co_return fail(ErrorClass::refused, "not_a_creator", "", "Only creators can do this.");
  }
  co_return identity;
}

asio::awaitable<Response> answer(Core& core, Head& head, BodyReader& body,
                                 const Router::Match& match) {
  const bool asterisk = head.request.segments.empty();
  if (match.allowed.empty() && !asterisk) co_return Response::problem(no_such_route());
  const bool options = head.request.method == Method::options && !head.unknown_method;
  if (options && (!match.entry || is_preflight(head.request))) {
    co_return answer_options(core, head, match);
  }
  if (!match.entry || head.unknown_method) {
    co_return Response::problem(
        malformed("method_not_allowed", "This address does not take that method."))
        .set("Allow", allow_field(match.allowed));
  }
  try {
    co_return co_await answer_route(core, head, body, match);
  } catch (const std::exception& error) {
    spdlog::error(fmt::format("{} {}: {} ({})", head.method_text, match.entry->route.path,
                              error.what(), head.request.id));
  }
  co_return Response::problem(internal_error());
}

}  // namespace fl::http

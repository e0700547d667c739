#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"
#include "core/owner/command_gate.hpp"
#include "projections/runner.hpp"

namespace fl::api {
namespace {

awaitable<Result<Response>> alive(RequestContext&) {
  co_return Response::json({{"status", "ok"}});
}

awaitable<Result<Response>> ready(RequestContext&, Platform& platform) {
  if (auto health = platform.health(); !health) co_return fail(health.error());
  const auto runner = platform.runner.health();
  if (!runner.status) co_return fail(runner.status.error());
  if (!runner.rebuilding.empty() || !platform.has_caught_up()) co_return rebuilding();
  co_return Response::json({{"status", "ok"},
                            {"applied", runner.applied.str()},
                            {"behind", runner.behind},
                            {"ledger_offset", platform.gate.head().next_offset},
                            {"owns_ledger", platform.owns_ledger()}});
}

}  // namespace

void add_health_routes(http::Router& router, Platform& platform) {
  using enum http::Method;
  router.add({get, "/healthz", http::Access::anyone, http::Body::none, "Whether the process lives"},
             alive);
  router.add({get, "/readyz", http::Access::anyone, http::Body::none,
              "Whether the node can serve: ledger writable, read models up"},
             [&platform](RequestContext& context) { return ready(context, platform); });
}

}  // namespace fl::api

#include "api/acts.hpp"
#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"

namespace fl::api {
namespace {

awaitable<Result<Response>> list_notices(RequestContext& context, Platform& platform) {
  auto page = page_of(context);
  if (!page) co_return fail(page.error());
  const auto view = platform.store.view();
  auto notices = platform.models.notices.newest(view, context.account(), *page);
  if (!notices) co_return fail(notices.error());
  const Renderer renderer(platform, view, context.account());
  co_return list_of(*notices, [&](const auto& notice) { return renderer.notice(notice); });
}

awaitable<Result<Response>> mark_read(RequestContext& context, Platform& platform) {
  auto fields = context.fields();
  const auto up_to = fields.required_integer("up_to", 0, http::kMaxInteger);
  if (auto status = fields.finish(); !status) co_return fail(status.error());
  auto at = standpoint_of(context, platform);
  if (!at) co_return fail(at.error());
  auto event = act_by_account(context, platform, "notices_read", context.account().view());
  if (!event) co_return fail(event.error());
  event->mutable_notices_read()->set_up_to(static_cast<std::uint64_t>(up_to));
  auto done = co_await carry_out(platform, *at, *std::move(event));
  if (!done) co_return fail(done.error());
  co_return Response::empty().set(kPositionHeader, done->position.str());
}

}  // namespace

void add_notice_routes(http::Router& router, Platform& platform) {
  using enum http::Method;
  add_route(router, platform,
            {get, "/v1/notices", http::Access::account, http::Body::none,
             "What happened to me, newest first"},
            [&platform](RequestContext& context) { return list_notices(context, platform); });
  add_route(router, platform,
            {put, "/v1/notices/read", http::Access::account, http::Body::json,
             "Mark notices as read, up to the offset of one of them"},
            [&platform](RequestContext& context) { return mark_read(context, platform); });
}

}  // namespace fl::api

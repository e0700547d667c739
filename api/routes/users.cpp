#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"

namespace fl::api {
namespace {

awaitable<Result<Response>> show_user(RequestContext& context, Platform& platform) {
  const auto view = platform.store.view();
  auto user = user_of(context, platform, view);
  if (!user) co_return fail(user.error());
  co_return Response::json(Renderer(platform, view, std::nullopt).account(*user));
}

awaitable<Result<Response>> posts_of_user(RequestContext& context, Platform& platform) {
  auto page = page_of(context);
  if (!page) co_return fail(page.error());
  const auto view = platform.store.view();
  auto user = user_of(context, platform, view);
  if (!user) co_return fail(user.error());
  auto posts = platform.models.catalogue.posts_of(view, user->id, *page);
  if (!posts) co_return fail(posts.error());
  const Renderer renderer(platform, view, context.identity().account);
  co_return list_of(*posts, [&](const auto& row) { return renderer.post(row); });
}

}  // namespace

void add_user_routes(http::Router& router, Platform& platform) {
  using enum http::Method;
  add_route(router, platform,
            {get, "/v1/users/{user}", http::Access::anyone, http::Body::none,
             "A public profile, by username"},
            [&platform](RequestContext& context) { return show_user(context, platform); });
  add_route(router, platform,
            {get, "/v1/users/{user}/posts", http::Access::optional_account, http::Body::none,
             "The posts of a creator, newest first"},
            [&platform](RequestContext& context) { return posts_of_user(context, platform); });
}

}  // namespace fl::api

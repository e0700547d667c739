#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"
#include "core/owner/command_gate.hpp"
#include "core/secrets/subject_keys.hpp"

namespace fl::api {
namespace {

awaitable<Result<Response>> publish(RequestContext& context, Platform& platform) {
  auto fields = context.fields();
  const auto media = fields.required_id<MediaId>("media");
  const auto caption = fields.optional_string("caption", 0, 1024).value_or("");
  const bool premium = fields.optional_bool("premium").value_or(false);
  const auto price = fields.optional_money("price", 1);
  if (premium && !price) fields.refuse("price", "field_missing", "A premium post has a price.");
  if (auto status = fields.finish(); !status) co_return fail(status.error());
  auto id = command_id(context, platform, IdempotencyKey::optional);
  if (!id) co_return fail(id.error());

  auto draft = draft_by_account(context, platform, "publish_post", *id);
  const auto post = derive_id<PostId>("post", context.account().view(), *id);
  auto* body = draft.mutable_post_published();
  body->set_post(post.raw());
  body->set_author(context.account().raw());
  body->set_media(media.raw());
  body->set_premium(premium);
  if (price) *body->mutable_price() = to_price(*price);
  if (!caption.empty()) {
    auto sealed = platform.subject_keys.seal_text(context.account(), "post.caption", caption);
    if (!sealed) co_return fail(sealed.error());
    *body->mutable_caption() = *sealed;
  }
  auto outcome = co_await submit(platform, std::move(draft));
  if (!outcome) co_return fail(outcome.error());
  co_return written(*outcome, {{"id", post.str()},
                               {"media", media.str()},
                               {"premium", premium},
                               {"price", price ? Renderer::money(*price) : nlohmann::json()}})
      .set("Location", "/v1/posts/" + post.str());
}

awaitable<Result<Response>> show_post(RequestContext& context, Platform& platform) {
  const auto view = platform.store.view();
  auto post = post_of(context, platform, view);
  if (!post) co_return fail(post.error());
  co_return Response::json(Renderer(platform, view, context.identity().account).post(*post));
}

awaitable<Result<Response>> delete_post(RequestContext& context, Platform& platform) {
  const auto id = context.id_param<PostId>("post");
  if (!id) co_return fail(id.error());
  auto command = command_id(context, platform, IdempotencyKey::optional);
  if (!command) co_return fail(command.error());
  auto draft = draft_by_account(context, platform, "delete_post", *command);
  draft.mutable_post_deleted()->set_post(id->raw());
  auto outcome = co_await submit(platform, std::move(draft));
  if (!outcome) co_return fail(outcome.error());
  co_return Response::empty().set(kPositionHeader, position_of(*outcome).str());
}

awaitable<Result<Response>> feed(RequestContext& context, Platform& platform) {
  auto query = context.query();
  projections::Page page;
  page.limit = static_cast<std::size_t>(
      query.optional_integer("limit", 1, projections::kMaxPage).value_or(20));
  page.cursor = query.optional_string("cursor", 1, 512).value_or("");
  projections::FeedFilter filter;
  filter.premium_only = query.optional_bool("premium").value_or(false);
  if (auto status = query.finish(); !status) co_return fail(status.error());

  const auto view = platform.store.view();
  auto items = platform.models.feed.newest(view, filter, page);
  if (!items) co_return fail(items.error());
  // While one of the two is rebuilt, the feed may name what the catalogue does not hold yet, or
  // holds as deleted. Neither is in any feed.
  projections::Listing<projections::PostRow> posts;
  posts.next = items->next;
  for (const auto& item : items->items) {
    auto post = platform.models.catalogue.post(view, item.post);
    if (post && !post->deleted) posts.items.push_back(std::move(*post));
  }
  const Renderer renderer(platform, view, context.identity().account);
  co_return list_of(posts, [&](const auto& row) { return renderer.post(row); });
}

}  // namespace

void add_post_routes(http::Router& router, Platform& platform) {
  using enum http::Method;
  add_route(router, platform,
            {post, "/v1/posts", http::Access::account, http::Body::json,
             "Publish a photo or video, free or premium; verified creators only"},
            [&platform](RequestContext& context) { return publish(context, platform); });
  add_route(router, platform,
            {get, "/v1/posts/{post}", http::Access::optional_account, http::Body::none,
             "A post, and whether the caller may see its work, with the reason"},
            [&platform](RequestContext& context) { return show_post(context, platform); });
  add_route(router, platform,
            {delete_, "/v1/posts/{post}", http::Access::account, http::Body::none,
             "Delete one's own post; its buyers keep it"},
            [&platform](RequestContext& context) { return delete_post(context, platform); });
  add_route(router, platform,
            {get, "/v1/feed", http::Access::optional_account, http::Body::none,
             "All posts, newest first"},
            [&platform](RequestContext& context) { return feed(context, platform); });
}

}  // namespace fl::api

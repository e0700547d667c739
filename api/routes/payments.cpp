#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"
#include "core/owner/command_gate.hpp"
#include "core/secrets/subject_keys.hpp"

namespace fl::api {
namespace {

/// Buyer and creator agree on the price that was shown: the command carries it.
awaitable<Result<Response>> buy(RequestContext& context, Platform& platform) {
  auto fields = context.fields();
  const auto price = fields.required_money("price", 1);
  if (auto status = fields.finish(); !status) co_return fail(status.error());
  const auto post = context.id_param<PostId>("post");
  if (!post) co_return fail(post.error());
  auto id = command_id(context, platform, IdempotencyKey::required);
  if (!id) co_return fail(id.error());
  auto draft = draft_by_account(context, platform, "purchase", *id);
  auto* body = draft.mutable_purchased();
  body->set_entry(derive_id<EntryId>("purchase", context.account().view(), *id).raw());
  body->set_buyer(context.account().raw());
  body->set_post(post->raw());
  *body->mutable_price() = to_price(price);
  auto outcome = co_await submit(platform, std::move(draft));
  if (!outcome) co_return fail(outcome.error());
  const auto& event = outcome->event.purchased();
  co_return written(*outcome, {{"entry", EntryId::from_raw(event.entry()).str()},
                               {"post", PostId::from_raw(event.post()).str()},
                               {"price", Renderer::money(price)},
                               {"event", outcome->place.seq}});
}

awaitable<Result<Response>> subscribe(RequestContext& context, Platform& platform) {
  auto fields = context.fields();
  const auto price = fields.required_money("price", 0);
  if (auto status = fields.finish(); !status) co_return fail(status.error());
  auto creator = user_of(context, platform, platform.store.view());
  if (!creator) co_return fail(creator.error());
  auto id = command_id(context, platform, IdempotencyKey::required);
  if (!id) co_return fail(id.error());
  auto draft = draft_by_account(context, platform, "subscribe", *id);
  auto* body = draft.mutable_subscribed();
  body->set_entry(derive_id<EntryId>("subscription", context.account().view(), *id).raw());
  body->set_subscriber(context.account().raw());
  body->set_creator(creator->id.raw());
  *body->mutable_price() = to_price(price);
  auto outcome = co_await submit(platform, std::move(draft));
  if (!outcome) co_return fail(outcome.error());
  const auto& event = outcome->event.subscribed();
  co_return written(*outcome,
                    {{"entry", EntryId::from_raw(event.entry()).str()},
                     {"creator", creator->username},
                     {"price", Renderer::money(price)},
                     {"follow", event.ends_ms() == 0},
                     {"ends", event.ends_ms() == 0 ? nlohmann::json()
                                                   : nlohmann::json(to_rfc3339({event.ends_ms()}))},
                     {"event", outcome->place.seq}});
}

awaitable<Result<Response>> tip(RequestContext& context, Platform& platform) {
  auto fields = context.fields();
  const auto amount = fields.required_money("amount", 1);
  const auto note = fields.optional_string("note", 0, 500).value_or("");
  const auto post = fields.optional_id<PostId>("post");
  if (auto status = fields.finish(); !status) co_return fail(status.error());
  auto creator = user_of(context, platform, platform.store.view());
  if (!creator) co_return fail(creator.error());
  auto id = command_id(context, platform, IdempotencyKey::required);
  if (!id) co_return fail(id.error());
  auto draft = draft_by_account(context, platform, "tip", *id);
  auto* body = draft.mutable_tipped();
  body->set_entry(derive_id<EntryId>("tip", context.account().view(), *id).raw());
  body->set_from(context.account().raw());
  body->set_to(creator->id.raw());
  *body->mutable_amount() = to_price(amount);
  if (post) body->set_post(post->raw());
  if (!note.empty()) {
    auto sealed = platform.subject_keys.seal_text(context.account(), "tip.note", note);
    if (!sealed) co_return fail(sealed.error());
    *body->mutable_note() = *sealed;
  }
  auto outcome = co_await submit(platform, std::move(draft));
  if (!outcome) co_return fail(outcome.error());
  const auto& event = outcome->event.tipped();
  co_return written(*outcome, {{"entry", EntryId::from_raw(event.entry()).str()},
                               {"to", creator->username},
                               {"amount", Renderer::money(amount)},
                               {"event", outcome->place.seq}});
}

}  // namespace

void add_payment_routes(http::Router& router, Platform& platform) {
  using enum http::Method;
  add_route(router, platform,
            {post, "/v1/posts/{post}/purchase", http::Access::account, http::Body::json,
             "Buy a premium post at the price that was shown"},
            [&platform](RequestContext& context) { return buy(context, platform); });
  add_route(router, platform,
            {post, "/v1/users/{user}/subscription", http::Access::account, http::Body::json,
             "Subscribe to a creator for 30 days at the price that was shown; 0 follows"},
            [&platform](RequestContext& context) { return subscribe(context, platform); });
  add_route(router, platform,
            {post, "/v1/users/{user}/tips", http::Access::account, http::Body::json,
             "Tip a creator, perhaps for a post, with a note"},
            [&platform](RequestContext& context) { return tip(context, platform); });
}

}  // namespace fl::api

#include "api/acts.hpp"
#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"
#include "core/secrets/subject_keys.hpp"
#include "projections/policy.hpp"

namespace fl::api {
namespace {

using nlohmann::json;

awaitable<Result<Response>> send_message(RequestContext& context, Platform& platform) {
  auto fields = context.fields();
  const auto text = fields.required_string("text", 1, 2048);
  if (auto status = fields.finish(); !status) co_return fail(status.error());
  auto at = standpoint_of(context, platform);
  if (!at) co_return fail(at.error());
  auto to = user_of(context, platform, at->view);
  if (!to) co_return fail(to.error());
  const auto from = context.account();
  const auto conversation = conversation_of(from, to->id);
  auto event = act_by_account(context, platform, "message", conversation.view());
  if (!event) co_return fail(event.error());
  const auto id = derive_id<MessageId>("message", event->id(), "");
  auto* body = event->mutable_message_sent();
  body->set_message(id.raw());
  body->set_conversation(conversation.raw());
  body->set_to(to->id.raw());
  const json answer = {
      {"id", id.str()}, {"conversation", conversation.str()}, {"to", to->username}, {"text", text}};
  auto before = find_done(platform, at->view, *event);
  if (!before) co_return fail(before.error());
  if (*before) co_return written(**before, answer);
  const auto decision = ledger::decide_chat(
      projections::chat_facts(platform.models, at->view, from, to->id, at->now));
  if (!decision.allowed) {
    co_return fail(ErrorClass::refused, decision.code, "user", decision.reason);
  }
  auto sealed = platform.subject_keys.seal_text(from, "message.text", text);
  if (!sealed) co_return fail(sealed.error());
  *body->mutable_text() = *sealed;
  auto done = co_await carry_out(platform, *at, *std::move(event));
  if (!done) co_return fail(done.error());
  co_return written(*done, answer);
}

awaitable<Result<Response>> list_messages(RequestContext& context, Platform& platform) {
  auto page = page_of(context);
  if (!page) co_return fail(page.error());
  const auto view = platform.store.view();
  auto other = user_of(context, platform, view);
  if (!other) co_return fail(other.error());
  // The conversation is named by the two: nobody else's can be asked for.
  auto messages =
      platform.models.inbox.messages(view, conversation_of(context.account(), other->id), *page);
  if (!messages) co_return fail(messages.error());
  const Renderer renderer(platform, view, context.account());
  co_return list_of(*messages, [&](const auto& row) { return renderer.message(row); });
}

awaitable<Result<Response>> list_conversations(RequestContext& context, Platform& platform) {
  auto page = page_of(context);
  if (!page) co_return fail(page.error());
  const auto view = platform.store.view();
  auto rows = platform.models.inbox.conversations(view, context.account(), *page);
  if (!rows) co_return fail(rows.error());
  const Renderer renderer(platform, view, context.account());
  co_return list_of(*rows, [&](const projections::Conversation& row) {
    return json{{"id", row.id.str()},
                {"with", renderer.author(row.other)},
                {"unread", row.unread},
                {"last", row.last ? renderer.message(*row.last) : json()}};
  });
}

}  // namespace

void add_message_routes(http::Router& router, Platform& platform) {
  using enum http::Method;
  add_route(router, platform,
            {post, "/v1/users/{user}/messages", http::Access::account, http::Body::json,
             "Write to somebody: one of the two subscribes to or follows the other, and the "
             "subscriber writes first"},
            [&platform](RequestContext& context) { return send_message(context, platform); });
  add_route(router, platform,
            {get, "/v1/users/{user}/messages", http::Access::account, http::Body::none,
             "My conversation with somebody, newest first"},
            [&platform](RequestContext& context) { return list_messages(context, platform); });
  add_route(router, platform,
            {get, "/v1/conversations", http::Access::account, http::Body::none,
             "My conversations, the latest first"},
            [&platform](RequestContext& context) { return list_conversations(context, platform); });
}

}  // namespace fl::api

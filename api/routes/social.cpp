#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"
#include "core/owner/command_gate.hpp"
#include "core/secrets/subject_keys.hpp"
#include "projections/policy.hpp"

namespace fl::api {
namespace {

using nlohmann::json;

/// An event about a post by the caller. Its id derives from the request's key, so the same request
/// again is void.
pb::ActivityEvent about_post(const RequestContext& context, const PostId& post,
                             const std::string& kind, const std::string& id) {
  pb::ActivityEvent event;
  event.set_id(derive_id<EventId>(kind, context.account().view(), id).raw());
  event.set_actor(context.account().raw());
  event.set_about(post.raw());
  return event;
}

awaitable<Result<Response>> set_like(RequestContext& context, Platform& platform, bool like) {
  auto at = standpoint_of(context, platform);
  if (!at) co_return fail(at.error());
  auto post = post_of(context, platform, *at);
  if (!post) co_return fail(post.error());
  auto id = command_id(context, platform, IdempotencyKey::optional);
  if (!id) co_return fail(id.error());
  auto event = about_post(context, post->id, like ? "like" : "unlike", *id);
  if (like) {
    event.mutable_liked()->set_post(post->id.raw());
  } else {
    event.mutable_unliked()->set_post(post->id.raw());
  }
  auto position = co_await record_activity(platform, *at, std::move(event));
  if (!position) co_return fail(position.error());
  // The count in the answer includes this like: it is read once the fold has seen it.
  if (auto reached = co_await await_position(platform, *position); !reached) {
    co_return fail(reached.error());
  }
  const auto view = platform.store.view();
  const auto counts = platform.models.social.counts(view, post->id);
  co_return Response::json({{"liked", like},
                            {"likes", counts.likes},
                            {"comments", counts.comments},
                            {"position", position->str()}})
      .set(kPositionHeader, position->str());
}

awaitable<Result<Response>> comment(RequestContext& context, Platform& platform) {
  auto fields = context.fields();
  const auto text = fields.required_string("text", 1, 1000);
  if (auto status = fields.finish(); !status) co_return fail(status.error());
  auto at = standpoint_of(context, platform);
  if (!at) co_return fail(at.error());
  auto post = post_of(context, platform, *at);
  if (!post) co_return fail(post.error());
  auto id = command_id(context, platform, IdempotencyKey::optional);
  if (!id) co_return fail(id.error());
  auto event = about_post(context, post->id, "comment", *id);
  // Whoever may see the work may speak about it.
  const auto decision = ledger::decide_access(
      ledger::Artefact::work,
      projections::access_facts(platform.models, at->view, context.account(), *post, at->now));
  if (!decision.allowed) {
    co_return fail(ErrorClass::refused, decision.code, "post", decision.reason);
  }
  const auto comment_id = derive_id<CommentId>("comment", context.account().view(), *id);
  auto sealed = platform.subject_keys.seal_text(context.account(), "comment.text", text);
  if (!sealed) co_return fail(sealed.error());
  auto* body = event.mutable_commented();
  body->set_comment(comment_id.raw());
  body->set_post(post->id.raw());
  *body->mutable_text() = *sealed;
  auto position = co_await record_activity(platform, *at, std::move(event));
  if (!position) co_return fail(position.error());
  co_return written(*position,
                    {{"id", comment_id.str()}, {"post", post->id.str()}, {"text", text}});
}

awaitable<Result<Response>> list_comments(RequestContext& context, Platform& platform) {
  auto page = page_of(context);
  if (!page) co_return fail(page.error());
  const auto view = platform.store.view();
  auto post = post_of(context, platform, view);
  if (!post) co_return fail(post.error());
  auto comments = platform.models.social.comments(view, post->id, *page);
  if (!comments) co_return fail(comments.error());
  const Renderer renderer(platform, view, context.identity().account);
  co_return list_of(*comments,
                    [&](const auto& item) { return renderer.comment(item.id, item.row); });
}

awaitable<Result<Response>> delete_comment(RequestContext& context, Platform& platform) {
  auto at = standpoint_of(context, platform);
  if (!at) co_return fail(at.error());
  auto post = post_of(context, platform, *at);
  if (!post) co_return fail(post.error());
  const auto id = context.id_param<CommentId>("comment");
  const auto found = id ? platform.models.social.comment(at->view, post->id, *id) : std::nullopt;
  if (!found || found->row.deleted || found->row.post != post->id) {
    co_return fail(ErrorClass::not_found, "comment_unknown", "comment",
                   "There is no such comment.");
  }
  if (found->row.author != context.account() && post->author != context.account()) {
    co_return fail(ErrorClass::refused, "not_your_comment", "comment",
                   "Only its author, or the post's, deletes a comment.");
  }
  auto command = command_id(context, platform, IdempotencyKey::optional);
  if (!command) co_return fail(command.error());
  auto event = about_post(context, post->id, "delete_comment", *command);
  event.mutable_comment_deleted()->set_comment(id->raw());
  event.mutable_comment_deleted()->set_post(post->id.raw());
  auto position = co_await record_activity(platform, *at, std::move(event));
  if (!position) co_return fail(position.error());
  co_return Response::empty().set(kPositionHeader, position->str());
}

}  // namespace

void add_social_routes(http::Router& router, Platform& platform) {
  using enum http::Method;
  add_route(router, platform,
            {put, "/v1/posts/{post}/like", http::Access::account, http::Body::none, "Like a post"},
            [&platform](RequestContext& context) { return set_like(context, platform, true); });
  add_route(router, platform,
            {delete_, "/v1/posts/{post}/like", http::Access::account, http::Body::none,
             "Take a like back"},
            [&platform](RequestContext& context) { return set_like(context, platform, false); });
  add_route(router, platform,
            {post, "/v1/posts/{post}/comments", http::Access::account, http::Body::json,
             "Comment on a post whose work one may see"},
            [&platform](RequestContext& context) { return comment(context, platform); });
  add_route(router, platform,
            {get, "/v1/posts/{post}/comments", http::Access::optional_account, http::Body::none,
             "Comments, newest first"},
            [&platform](RequestContext& context) { return list_comments(context, platform); });
  add_route(router, platform,
            {delete_, "/v1/posts/{post}/comments/{comment}", http::Access::account,
             http::Body::none, "Delete one's own comment, or one on one's own post"},
            [&platform](RequestContext& context) { return delete_comment(context, platform); });
}

}  // namespace fl::api

#include "api/acts.hpp"
#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"
#include "core/secrets/subject_keys.hpp"

namespace fl::api {
namespace {

using nlohmann::json;

awaitable<Result<Response>> set_like(RequestContext& context, Platform& platform, bool like) {
  auto post = post_id_of(context);
  if (!post) co_return fail(post.error());
  auto at = standpoint_of(context, platform);
  if (!at) co_return fail(at.error());
  auto event = act_by_account(context, platform, like ? "like" : "unlike", post->view());
  if (!event) co_return fail(event.error());
  if (like) {
    event->mutable_liked()->set_post(post->raw());
  } else {
    event->mutable_unliked()->set_post(post->raw());
  }
  auto before = find_done(platform, at->view, *event);
  if (!before) co_return fail(before.error());
  if (!*before) {
    if (auto row = post_of(context, platform, *at); !row) co_return fail(row.error());
  }
  auto done = co_await carry_out(platform, *at, *std::move(event));
  if (!done) co_return fail(done.error());
  // The count in the answer includes this like: it is read once the fold has seen it. What an old
  // key asked for may have been undone since: the answer is what is.
  if (auto reached = co_await await_position(platform, done->position); !reached) {
    co_return fail(reached.error());
  }
  const auto view = platform.store.view();
  const auto& social = platform.models.social;
  const auto counts = social.counts(view, *post);
  co_return Response::json({{"liked", social.has_liked(view, *post, context.account())},
                            {"likes", counts.likes},
                            {"comments", counts.comments},
                            {"position", done->position.str()}})
      .set(kPositionHeader, done->position.str());
}

awaitable<Result<Response>> comment(RequestContext& context, Platform& platform) {
  auto fields = context.fields();
  const auto text = fields.required_string("text", 1, 1000);
  if (auto status = fields.finish(); !status) co_return fail(status.error());
  auto post_id = post_id_of(context);
  if (!post_id) co_return fail(post_id.error());
  auto at = standpoint_of(context, platform);
  if (!at) co_return fail(at.error());
  auto event = act_by_account(context, platform, "comment", post_id->view());
  if (!event) co_return fail(event.error());
  const auto id = derive_id<CommentId>("comment", event->id(), "");
  event->mutable_commented()->set_comment(id.raw());
  event->mutable_commented()->set_post(post_id->raw());
  const json answer = {{"id", id.str()}, {"post", post_id->str()}, {"text", text}};
  auto before = find_done(platform, at->view, *event);
  if (!before) co_return fail(before.error());
  if (*before) co_return written(**before, answer);
  auto post = post_of(context, platform, *at);
  if (!post) co_return fail(post.error());
  // Whoever may see the work may speak about it.
  if (auto right = check_work(platform, at->view, context.account(), *post, at->now); !right) {
    co_return fail(right.error());
  }
  auto sealed = platform.subject_keys.seal_text(context.account(), "comment.text", text);
  if (!sealed) co_return fail(sealed.error());
  *event->mutable_commented()->mutable_text() = *sealed;
  auto done = co_await carry_out(platform, *at, *std::move(event));
  if (!done) co_return fail(done.error());
  co_return written(*done, answer);
}

awaitable<Result<Response>> list_comments(RequestContext& context, Platform& platform) {
  auto page = page_of(context);
  if (!page) co_return fail(page.error());
  const auto view = platform.store.view();
  auto post = post_of(context, platform, view);
  if (!post) co_return fail(post.error());
  const auto viewer = context.identity().account;
  if (auto right = check_work(platform, view, viewer, *post, platform.clock.now()); !right) {
    co_return fail(right.error());
  }
  auto comments = platform.models.social.comments(view, post->id, *page);
  if (!comments) co_return fail(comments.error());
  const Renderer renderer(platform, view, viewer);
  co_return list_of(*comments,
                    [&](const auto& item) { return renderer.comment(item.id, item.row); });
}

awaitable<Result<Response>> delete_comment(RequestContext& context, Platform& platform) {
  auto post_id = post_id_of(context);
  if (!post_id) co_return fail(post_id.error());
  auto at = standpoint_of(context, platform);
  if (!at) co_return fail(at.error());
  auto event = act_by_account(context, platform, "delete_comment", post_id->view());
  if (!event) co_return fail(event.error());
  const auto id = context.id_param<CommentId>("comment").value_or(CommentId{});
  event->mutable_comment_deleted()->set_comment(id.raw());
  event->mutable_comment_deleted()->set_post(post_id->raw());
  auto before = find_done(platform, at->view, *event);
  if (!before) co_return fail(before.error());
  if (*before) co_return Response::empty().set(kPositionHeader, (*before)->position.str());
  auto post = post_of(context, platform, *at);
  if (!post) co_return fail(post.error());
  const auto found = platform.models.social.comment(at->view, post->id, id);
  if (!found || found->row.deleted) {
    co_return fail(ErrorClass::not_found, "comment_unknown", "comment",
                   "There is no such comment.");
  }
  if (found->row.author != context.account() && post->author != context.account()) {
    co_return fail(ErrorClass::refused, "not_your_comment", "comment",
                   "Only its author, or the post's, deletes a comment.");
  }
  auto done = co_await carry_out(platform, *at, *std::move(event));
  if (!done) co_return fail(done.error());
  co_return Response::empty().set(kPositionHeader, done->position.str());
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
             "Comments of a post whose work one may see, newest first"},
            [&platform](RequestContext& context) { return list_comments(context, platform); });
  add_route(router, platform,
            {delete_, "/v1/posts/{post}/comments/{comment}", http::Access::account,
             http::Body::none, "Delete one's own comment, or one on one's own post"},
            [&platform](RequestContext& context) { return delete_comment(context, platform); });
}

}  // namespace fl::api

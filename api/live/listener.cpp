#include "api/live/listener.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <nlohmann/json.hpp>

#include "api/render.hpp"
#include "core/owner/clock.hpp"
#include "projections/policy.hpp"
#include "projections/position_token.hpp"

namespace fl::api {
namespace {

using nlohmann::json;

std::string message_of(const Listener& listener, const char* type, log::Offset offset, json data) {
  const auto cursor =
      projections::PositionToken::just_after({log::Stream::activity, listener.partition, offset});
  return json{{"type", type},
              {"channel", listener.channel.name},
              {"cursor", cursor.str()},
              {"data", std::move(data)}}
      .dump();
}

Told event_of(const Listener& listener, const char* type, log::Offset offset, json data) {
  return {Told::Kind::event, message_of(listener, type, offset, std::move(data))};
}

/// The policy, asked anew at every event: a right that ended stops the next one.
bool may_see(const Platform& platform, const projections::View& view, const Listener& listener,
             const PostId& id, ledger::Artefact artefact) {
  const auto post = platform.models.catalogue.post(view, id);
  if (!post) return false;
  const auto facts = projections::access_facts(platform.models, view, listener.account, *post,
                                               platform.clock.now());
  return ledger::decide_access(artefact, facts).allowed;
}

/// Of a post that everybody may know of: its counts, or nothing once it is hidden.
Told counts_of(const Platform& platform, const projections::View& view, const Listener& listener,
               const PostId& post) {
  const bool listed = may_see(platform, view, listener, post, ledger::Artefact::listing);
  return {listed ? Told::Kind::counts : Told::Kind::nothing, ""};
}

}  // namespace

void close_unreadable(http::WebSocket& socket, const projections::StorageError& error) {
  spdlog::error(fmt::format("live: {}", error.what()));
  socket.close(http::close_code::kTryAgainLater, "cannot be read now");
}

std::string counts_message(Platform& platform, const projections::View& view,
                           const Listener& listener, log::Offset offset) {
  const auto counts = platform.models.social.counts(view, PostId::from_raw(listener.channel.about));
  return message_of(listener, "counts", offset,
                    {{"likes", counts.likes}, {"comments", counts.comments}});
}

Told told(Platform& platform, const projections::View& view, const Listener& listener,
          const pb::ActivityEvent& event, log::Offset offset) {
  const Renderer renderer(platform, view, listener.account);
  const auto& models = platform.models;
  const auto post = PostId::from_raw(event.about());
  switch (event.body_case()) {
    case pb::ActivityEvent::kLiked:
    case pb::ActivityEvent::kUnliked:
      return counts_of(platform, view, listener, post);
    case pb::ActivityEvent::kCommented: {
      const auto comment =
          models.social.comment(view, post, CommentId::from_raw(event.commented().comment()));
      if (!comment || comment->row.offset != offset || comment->row.deleted) return {};
      if (!may_see(platform, view, listener, post, ledger::Artefact::work)) {
        return counts_of(platform, view, listener, post);
      }
      return event_of(listener, "comment", offset, renderer.comment(comment->id, comment->row));
    }
    case pb::ActivityEvent::kCommentDeleted: {
      if (!may_see(platform, view, listener, post, ledger::Artefact::work)) {
        return counts_of(platform, view, listener, post);
      }
      const auto id = CommentId::from_raw(event.comment_deleted().comment());
      return event_of(listener, "comment_deleted", offset, {{"id", id.str()}});
    }
    case pb::ActivityEvent::kMessageSent: {
      const auto message =
          models.inbox.message_at(view, ConversationId::from_raw(event.about()), offset);
      if (!message) return {};
      return event_of(listener, "message", offset, renderer.message(*message));
    }
    case pb::ActivityEvent::kNoticed: {
      const auto notice = models.notices.notice_at(view, listener.account, offset);
      if (!notice) return {};
      return event_of(listener, "notice", offset, renderer.notice(*notice));
    }
    case pb::ActivityEvent::kUploadStarted:
    case pb::ActivityEvent::kUploadChunk:
    case pb::ActivityEvent::kUploadEnded:
    case pb::ActivityEvent::kJobClaimed:
    case pb::ActivityEvent::kJobEnded:
    case pb::ActivityEvent::kNoticesRead:
    case pb::ActivityEvent::BODY_NOT_SET:
      return {};
  }
  return {};
}

}  // namespace fl::api

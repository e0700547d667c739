#include "api/acts.hpp"

#include <nlohmann/json.hpp>

#include "core/activity/act.hpp"
#include "core/base/assert.hpp"
#include "core/log/embedded_log.hpp"
#include "projections/read_models.hpp"
#include "projections/seen_ids.hpp"
#include "projections/store.hpp"

namespace fl::api {
namespace {

/// The read model that keeps the ids of such events.
const projections::Projection& keeper_of(const projections::ReadModels& models,
                                         const pb::ActivityEvent& event) {
  switch (event.body_case()) {
    case pb::ActivityEvent::kLiked:
    case pb::ActivityEvent::kUnliked:
    case pb::ActivityEvent::kCommented:
    case pb::ActivityEvent::kCommentDeleted:
      return models.social;
    case pb::ActivityEvent::kMessageSent:
      return models.inbox;
    case pb::ActivityEvent::kNoticesRead:
      return models.notices;
    case pb::ActivityEvent::kUploadStarted:  // an upload is found by its own id
    case pb::ActivityEvent::kUploadChunk:
    case pb::ActivityEvent::kUploadEnded:
    case pb::ActivityEvent::kJobClaimed:
    case pb::ActivityEvent::kJobEnded:
    case pb::ActivityEvent::kNoticed:
    case pb::ActivityEvent::BODY_NOT_SET:
      break;
  }
  FL_ASSERT(!"no client names such an event");
  return models.social;
}

}  // namespace

Result<pb::ActivityEvent> act_by_account(const RequestContext& context, Platform& platform,
                                         std::string_view route, std::string_view about) {
  auto id = command_id(context, platform, IdempotencyKey::optional);
  if (!id) return fail(id.error());
  const auto& account = context.account();
  pb::ActivityEvent event;
  event.set_id(derive_id<EventId>("act", account.raw().append(about), *id).raw());
  event.set_actor(account.raw());
  event.set_about(std::string(about));
  if (!context.request().headers.get(kIdempotencyHeader).empty()) {
    event.set_command_mac(request_mac(context, platform, route).str());
  }
  return event;
}

Result<std::optional<Done>> find_done(const Platform& platform, const projections::View& view,
                                      const pb::ActivityEvent& event) {
  if (event.command_mac().empty()) return std::nullopt;
  const auto partition =
      activity::partition_of(event.about(), platform.log.partitions(log::Stream::activity));
  const auto seen = projections::first_seen(view, keeper_of(platform.models, event).name(),
                                            partition, EventId::from_raw(event.id()));
  if (!seen) return std::nullopt;
  if (!equal_constant_time(seen->mac, event.command_mac())) {
    return fail(ErrorClass::conflict, "idempotency_key_reused", std::string(kIdempotencyHeader),
                "This key was used for another request: send a fresh one.");
  }
  return Done{
      projections::PositionToken::just_after({log::Stream::activity, partition, seen->offset}),
      true};
}

awaitable<Result<Done>> carry_out(Platform& platform, const projections::Standpoint& standpoint,
                                  pb::ActivityEvent event) {
  auto before = find_done(platform, standpoint.view, event);
  if (!before) co_return fail(before.error());
  if (*before) co_return **before;
  const auto position = co_await record_activity(platform, standpoint, event);
  if (!position) co_return fail(position.error());
  // Under a key that was made up here nobody else asks for anything.
  if (event.command_mac().empty()) co_return Done{*position};
  if (!co_await await_position(platform, *position)) co_return owner::unknown_outcome();
  auto done = find_done(platform, platform.store.view(), event);
  if (!done) co_return fail(done.error());
  if (!*done) co_return owner::unknown_outcome();  // of another version of the fold
  (*done)->repeated = (*done)->position != *position;
  co_return **done;
}

Response written(const Done& done, nlohmann::json body) {
  body["position"] = done.position.str();
  return Response::json(body, done.repeated ? 200 : 201).set(kPositionHeader, done.position.str());
}

}  // namespace fl::api

#include "api/requests.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <chrono>
#include <nlohmann/json.hpp>

#include "api/http/await_callback.hpp"
#include "core/activity/act.hpp"
#include "core/base/encoding.hpp"
#include "core/events/codec.hpp"
#include "core/log/appender.hpp"
#include "core/log/log.hpp"
#include "core/owner/clock.hpp"
#include "core/secrets/keyring.hpp"
#include "core/secrets/random.hpp"
#include "projections/runner.hpp"
#include "projections/store.hpp"

namespace fl::api {
namespace {

constexpr auto kPositionPatience = std::chrono::seconds(2);
constexpr auto kCommandPatience = std::chrono::seconds(10);

}  // namespace

Failure storage_failure() {
  return fail(ErrorClass::unavailable, "storage_failed", "", "The read models cannot be read.");
}

Failure rebuilding() {
  return fail(ErrorClass::unavailable, "rebuilding", "", "Read models are being rebuilt.");
}

Failure account_not_read_yet() {
  return fail(ErrorClass::retry, "account_not_read_yet", "",
              "This node has not read your account yet.");
}

awaitable<Status> await_position(Platform& platform, const projections::PositionToken& token) {
  auto& runner = platform.runner;
  if (token.covered_by(runner.applied())) co_return Status{};
  auto timer = std::make_shared<boost::asio::steady_timer>(
      co_await boost::asio::this_coro::executor, kPositionPatience);
  auto status = co_await http::await_callback<Status>([&](std::function<void(Status)> done) {
    const auto ticket = runner.when_reached(token, done);
    timer->async_wait([&runner, ticket, done, timer](boost::system::error_code error) {
      if (!error && runner.cancel(ticket)) {
        done(fail(ErrorClass::retry, "position_not_reached", std::string(kMinPositionHeader),
                  "This node has not read that far yet."));
      }
    });
  });
  timer->cancel();
  co_return status;
}

void add_route(http::Router& router, Platform& platform, http::Route route, http::Handler handler) {
  router.add(std::move(route),
             [&platform, handler = std::move(handler)](
                 RequestContext& context) -> awaitable<Result<Response>> {
               const auto wanted = context.request().headers.get(kMinPositionHeader);
               if (!wanted.empty()) {
                 auto token = projections::PositionToken::parse(wanted);
                 if (!token) {
                   auto error = token.error();
                   error.field = kMinPositionHeader;
                   co_return fail(error);
                 }
                 if (auto reached = co_await await_position(platform, *token); !reached) {
                   co_return fail(reached.error());
                 }
               }
               try {
                 co_return co_await handler(context);
               } catch (const projections::StorageError&) {
                 co_return storage_failure();
               }
             });
}

Result<std::string> command_id(const RequestContext& context, Platform& platform,
                               IdempotencyKey rule) {
  const auto given = context.request().headers.get(kIdempotencyHeader);
  if (!given.empty()) {
    if (given.size() > 255) {
      return fail(ErrorClass::malformed, "field_too_long", std::string(kIdempotencyHeader),
                  "An idempotency key has at most 255 bytes.");
    }
    return std::string(given);
  }
  if (rule == IdempotencyKey::required) {
    return fail(ErrorClass::malformed, "idempotency_key_missing", std::string(kIdempotencyHeader),
                "Send an Idempotency-Key of your own, so that a repeated request charges once.");
  }
  return "auto-" + to_base64url(platform.random.bytes(18));
}

Digest request_mac(Platform& platform, std::string_view route, std::string_view path,
                   std::string_view body) {
  const std::string_view zero("\0", 1);
  return hmac_sha256(platform.keyring.command().view(), {route, zero, path, zero, body});
}

Digest request_mac(const RequestContext& context, Platform& platform, std::string_view route) {
  std::string path;
  for (const auto& segment : context.request().segments) path.append("/").append(segment);
  // The parsed body, written again with sorted keys: spacing does not make another request.
  const auto body = context.request().body.empty() ? "" : context.json().dump();
  return request_mac(platform, route, path, body);
}

pb::LedgerEvent draft_by_account(const RequestContext& context, Platform& platform,
                                 std::string_view route, std::string_view command_id) {
  pb::LedgerEvent draft;
  auto* origin = draft.mutable_origin();
  origin->set_caller_kind(pb::CALLER_KIND_ACCOUNT);
  origin->set_caller(context.account().raw());
  origin->set_command_id(std::string(command_id));
  origin->set_command_mac(request_mac(context, platform, route).str());
  return draft;
}

awaitable<owner::Outcome> submit(Platform& platform, pb::LedgerEvent draft) {
  co_return co_await http::await_callback<owner::Outcome>(
      [&](std::function<void(owner::Outcome)> done) {
        platform.gate.submit({std::move(draft)}, std::move(done),
                             std::chrono::steady_clock::now() + kCommandPatience);
      });
}

Result<projections::Standpoint> standpoint_of(const RequestContext& context, Platform& platform) {
  auto standpoint =
      projections::take_standpoint(platform.store, platform.models, platform.clock.now());
  if (!standpoint) return standpoint;
  // After a kill the read models may stand before the account of a session that still holds.
  if (!platform.models.accounts.by_id(standpoint->view, context.account())) {
    return account_not_read_yet();
  }
  return standpoint;
}

awaitable<Result<projections::PositionToken>> record_activity(
    Platform& platform, const projections::Standpoint& standpoint, pb::ActivityEvent event) {
  event.set_format(events::kFormat);
  event.set_checked_at(standpoint.ledger);
  event.set_time_ms(standpoint.now.ms);
  const auto partition =
      activity::partition_of(event.about(), platform.log.partitions(log::Stream::activity));
  auto offset = co_await http::await_callback<
      Result<log::Offset>>([&](std::function<void(Result<log::Offset>)> done) {
    platform.activity.append(partition, {event.about(), events::encode(event)}, std::move(done));
  });
  if (!offset) {
    // The event may be durable or not. Sent again with its key, it is the same event.
    if (offset.error().code == log::kLogFailed || offset.error().code == log::kAppendUnknown) {
      co_return owner::unknown_outcome();
    }
    co_return fail(offset.error());
  }
  co_return projections::PositionToken::just_after({log::Stream::activity, partition, *offset});
}

projections::PositionToken position_of(const owner::Accepted& accepted) {
  return projections::PositionToken::just_after({log::Stream::ledger, 0, accepted.place.offset});
}

Response written(const owner::Accepted& accepted, nlohmann::json body) {
  body["position"] = position_of(accepted).str();
  return Response::json(body, accepted.repeated ? 200 : 201)
      .set(kPositionHeader, position_of(accepted).str());
}

}  // namespace fl::api

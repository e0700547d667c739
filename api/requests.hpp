#pragma once

#include <string>
#include <string_view>

#include "api/http/awaitable.hpp"
#include "api/http/router.hpp"
#include "api/platform.hpp"
#include "core/log/log.hpp"
#include "core/owner/command_gate.hpp"
#include "projections/position_token.hpp"
#include "projections/standpoint.hpp"

namespace fl::api {

using boost::asio::awaitable;
using http::RequestContext;
using http::Response;

inline constexpr std::string_view kPositionHeader = "Fanledger-Position";
inline constexpr std::string_view kMinPositionHeader = "Fanledger-Min-Position";
inline constexpr std::string_view kIdempotencyHeader = "Idempotency-Key";

/// Adds a route whose handler runs once the read models have reached the position that the request
/// asks for (Fanledger-Min-Position), so that a client reads its own writes; and whose storage
/// failures become `unavailable`.
void add_route(http::Router& router, Platform& platform, http::Route route, http::Handler handler);

/// Waits until the read models have applied the token, two seconds at most (`retry`).
awaitable<Status> await_position(Platform& platform, const projections::PositionToken& token);

/// Whether the request must bring its Idempotency-Key: what moves money must, so that nobody pays
/// twice for a lost answer. Elsewhere one is made up when there is none.
enum class IdempotencyKey { required, optional };

/// The id of the command that this request is.
Result<std::string> command_id(const RequestContext& context, Platform& platform,
                               IdempotencyKey rule);

/// A draft by the account that calls, with its id and the MAC of the request as it was asked: the
/// route, the path and the body.
pb::LedgerEvent draft_by_account(const RequestContext& context, Platform& platform,
                                 std::string_view route, std::string_view command_id);

/// The MAC of a request: equal requests have equal ones, and it tells nothing without the key.
Digest request_mac(Platform& platform, std::string_view route, std::string_view path,
                   std::string_view body);
/// The same of the request at hand, as it was asked.
Digest request_mac(const RequestContext& context, Platform& platform, std::string_view route);

/// Hands the command to the owner and waits until its event is durable.
awaitable<owner::Outcome> submit(Platform& platform, pb::LedgerEvent draft);

/// Unavailable `storage_failed`: the read models cannot be read.
Failure storage_failure();
/// Unavailable `rebuilding`: the read models do not hold yet what they name.
Failure rebuilding();
/// The session is known from the ledger's answer, but this node has yet to read the account.
Failure account_not_read_yet();

/// Where the right of the calling account to an activity event is decided. Errors: unavailable
/// `rebuilding`; retry `account_not_read_yet`, when this node has yet to read the account.
Result<projections::Standpoint> standpoint_of(const RequestContext& context, Platform& platform);

/// Appends an event to the activity stream and waits until it is durable. Fills in the format, and
/// the position and instant of the standpoint that the event's right was decided from: nowhere else
/// do they come from, so an auditor decides on the same facts. Errors: unavailable `log_busy`, when
/// nothing was done; retry `outcome_unknown`, as of the ledger's commands.
awaitable<Result<projections::PositionToken>> record_activity(
    Platform& platform, const projections::Standpoint& standpoint, pb::ActivityEvent event);

/// An answer to a command: 201, or 200 for what had been done before, with its position.
Response written(const owner::Accepted& accepted, nlohmann::json body);

projections::PositionToken position_of(const owner::Accepted& accepted);

}  // namespace fl::api

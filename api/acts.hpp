#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/requests.hpp"

namespace fl::api {

/// What the calling account asks to have done in the activity stream: an event without its body.
/// Its id derives from the caller, the subject and the Idempotency-Key, and it carries the MAC of
/// the request, so a key names one request about one subject. Without a key it is like no other.
Result<pb::ActivityEvent> act_by_account(const RequestContext& context, Platform& platform,
                                         std::string_view route, std::string_view about);

/// An act that stands.
struct Done {
  projections::PositionToken position;  ///< just after its event
  bool repeated = false;                ///< the same request had been carried out before
};

/// Whether this node knows the act's key already: done, when it was the same request. Ask before
/// the rights, so that the same request has the same answer for ever. The event has its body, which
/// need not be sealed yet.
/// Error: conflict `idempotency_key_reused`, when the key named another request.
Result<std::optional<Done>> find_done(const Platform& platform, const projections::View& view,
                                      const pb::ActivityEvent& event);

/// Records the act unless it is done, and answers for what stands under its id once the fold has
/// seen it: of two requests with one key, whatever nodes they come to, one stands, and the other is
/// told so. Errors: as `find_done` and `record_activity`; retry `outcome_unknown`, when this node
/// does not get to see what stands.
awaitable<Result<Done>> carry_out(Platform& platform, const projections::Standpoint& standpoint,
                                  pb::ActivityEvent event);

/// 201, or 200 for what had been done before.
Response written(const Done& done, nlohmann::json body);

}  // namespace fl::api

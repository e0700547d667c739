#pragma once

#include <nlohmann/json.hpp>

#include "api/render.hpp"
#include "api/requests.hpp"
#include "core/owner/clock.hpp"
#include "projections/read_models.hpp"
#include "projections/standpoint.hpp"
#include "projections/store.hpp"

namespace fl::api {

/// The account that the path names in `{user}`. Error: not_found `user_unknown`.
Result<projections::AccountRow> user_of(const RequestContext& context, Platform& platform,
                                        const projections::View& view);

/// What the path says in `{post}`. Error, as of one that is not there: not_found `post_unknown`.
Result<PostId> post_id_of(const RequestContext& context);

/// The post that the path names in `{post}`, if this viewer may know of it.
Result<projections::PostRow> post_of(const RequestContext& context, Platform& platform,
                                     const projections::View& view);

/// The same for the calling account, as of a standpoint.
Result<projections::PostRow> post_of(const RequestContext& context, Platform& platform,
                                     const projections::Standpoint& standpoint);

/// The right to a post's work, and so to what is said about it: the one policy, asked anew each
/// time. The error says why not, and names the event that it rests on; unauthorized for a visitor.
Status check_work(const Platform& platform, const projections::View& view,
                  std::optional<AccountId> viewer, const projections::PostRow& post, Instant now);

/// `limit` and `cursor` of the query.
Result<projections::Page> page_of(const RequestContext& context);

/// {"data": […], "next": "…" or null}
template <class T, class Render>
Response list_of(const projections::Listing<T>& listing, Render render) {
  auto data = nlohmann::json::array();
  for (const auto& item : listing.items) data.push_back(render(item));
  return Response::json(
      {{"data", data},
       {"next", listing.next.empty() ? nlohmann::json() : nlohmann::json(listing.next)}});
}

pb::Price to_price(const Money& money);

}  // namespace fl::api

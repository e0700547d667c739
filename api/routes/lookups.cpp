#include "api/routes/lookups.hpp"

#include "projections/policy.hpp"

namespace fl::api {

Result<projections::AccountRow> user_of(const RequestContext& context, Platform& platform,
                                        const projections::View& view) {
  auto row = platform.models.accounts.by_username(view, context.param("user"));
  if (!row) return fail(ErrorClass::not_found, "user_unknown", "user", "There is no such user.");
  return *row;
}

namespace {

Failure post_unknown() {
  return fail(ErrorClass::not_found, "post_unknown", "post", "There is no such post.");
}

Result<projections::PostRow> find_post(const RequestContext& context, const Platform& platform,
                                       const projections::View& view, Instant now) {
  const auto id = post_id_of(context);
  if (!id) return fail(id.error());
  auto row = platform.models.catalogue.post(view, *id);
  if (!row) return post_unknown();
  const auto facts =
      projections::access_facts(platform.models, view, context.identity().account, *row, now);
  if (!ledger::decide_access(ledger::Artefact::listing, facts).allowed) return post_unknown();
  return *row;
}

}  // namespace

Result<PostId> post_id_of(const RequestContext& context) {
  const auto id = context.id_param<PostId>("post");
  if (!id) return post_unknown();
  return *id;
}

Result<projections::PostRow> post_of(const RequestContext& context, Platform& platform,
                                     const projections::View& view) {
  return find_post(context, platform, view, platform.clock.now());
}

Result<projections::PostRow> post_of(const RequestContext& context, Platform& platform,
                                     const projections::Standpoint& standpoint) {
  return find_post(context, platform, standpoint.view, standpoint.now);
}

Status check_work(const Platform& platform, const projections::View& view,
                  std::optional<AccountId> viewer, const projections::PostRow& post, Instant now) {
  const auto decision = ledger::decide_access(
      ledger::Artefact::work, projections::access_facts(platform.models, view, viewer, post, now));
  if (decision.allowed) return {};
  const auto kind = viewer ? ErrorClass::refused : ErrorClass::unauthorized;
  auto reason = decision.reason;
  if (decision.event_seq) reason += " (event " + std::to_string(*decision.event_seq) + ")";
  return fail(kind, decision.code, "post", reason);
}

Result<projections::Page> page_of(const RequestContext& context) {
  auto query = context.query();
  projections::Page page;
  page.limit = static_cast<std::size_t>(
      query.optional_integer("limit", 1, projections::kMaxPage).value_or(20));
  page.cursor = query.optional_string("cursor", 1, 512).value_or("");
  if (auto status = query.finish(); !status) return fail(status.error());
  return page;
}

pb::Price to_price(const Money& money) {
  pb::Price price;
  price.set_amount(money.amount);
  price.set_currency(std::string(money.currency.code()));
  return price;
}

}  // namespace fl::api

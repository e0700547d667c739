#include "api/routes/lookups.hpp"
#include "api/routes/routes.hpp"
#include "core/owner/command_gate.hpp"

namespace fl::api {
namespace {

using nlohmann::json;
using projections::Book;
using projections::BookKind;

json balances(Platform& platform, const projections::View& view, const Book& book) {
  auto out = json::array();
  for (const auto& money : platform.models.wallets.balances(view, book)) {
    out.push_back(Renderer::money(money));
  }
  return out;
}

awaitable<Result<Response>> show_me(RequestContext& context, Platform& platform) {
  const auto view = platform.store.view();
  const auto row = platform.models.accounts.by_id(view, context.account());
  if (!row) co_return account_not_read_yet();
  auto out = Renderer(platform, view, context.account()).account(*row);
  out["wallet"] = balances(platform, view, {BookKind::wallet, row->id});
  if (row->creator) out["earnings"] = balances(platform, view, {BookKind::earnings, row->id});
  out["unread_notices"] = platform.models.notices.head(view, row->id).unread();
  co_return Response::json(out);
}

awaitable<Result<Response>> statement(RequestContext& context, Platform& platform, BookKind kind) {
  auto page = page_of(context);
  if (!page) co_return fail(page.error());
  const auto view = platform.store.view();
  auto rows = platform.models.wallets.statement(view, {kind, context.account()}, *page);
  if (!rows) co_return fail(rows.error());
  const Renderer renderer(platform, view, context.account());
  co_return list_of(*rows, [&](const auto& row) { return renderer.statement_row(row); });
}

awaitable<Result<Response>> set_price(RequestContext& context, Platform& platform) {
  auto fields = context.fields();
  const auto price = fields.required_money("price", 0);
  if (auto status = fields.finish(); !status) co_return fail(status.error());
  auto id = command_id(context, platform, IdempotencyKey::optional);
  if (!id) co_return fail(id.error());
  auto draft = draft_by_account(context, platform, "set_subscription_price", *id);
  auto* body = draft.mutable_subscription_price_set();
  body->set_creator(context.account().raw());
  *body->mutable_price() = to_price(price);
  auto outcome = co_await submit(platform, std::move(draft));
  if (!outcome) co_return fail(outcome.error());
  co_return written(*outcome, {{"price", Renderer::money(price)}});
}

awaitable<Result<Response>> purchases(RequestContext& context, Platform& platform) {
  auto page = page_of(context);
  if (!page) co_return fail(page.error());
  const auto view = platform.store.view();
  auto rows = platform.models.access.purchases(view, context.account(), *page);
  if (!rows) co_return fail(rows.error());
  // What was bought stays in the list, deleted or not. Only a catalogue that is being rebuilt may
  // not hold it yet.
  projections::Listing<std::pair<projections::PurchaseRow, projections::PostRow>> bought;
  bought.next = rows->next;
  for (const auto& row : rows->items) {
    const auto post = platform.models.catalogue.post(view, row.post);
    if (!post) co_return rebuilding();
    bought.items.emplace_back(row, *post);
  }
  const Renderer renderer(platform, view, context.account());
  co_return list_of(bought, [&](const auto& item) {
    const auto& [row, post] = item;
    return json{{"entry", row.entry.str()},
                {"time", to_rfc3339(row.time)},
                {"price", Renderer::money(row.price)},
                {"post", renderer.post(post)}};
  });
}

awaitable<Result<Response>> subscriptions(RequestContext& context, Platform& platform) {
  auto page = page_of(context);
  if (!page) co_return fail(page.error());
  const auto view = platform.store.view();
  auto rows = platform.models.access.subscriptions(view, context.account(), *page);
  if (!rows) co_return fail(rows.error());
  const Renderer renderer(platform, view, context.account());
  const auto now = platform.clock.now();
  co_return list_of(*rows, [&](const auto& row) { return renderer.subscription(row, now); });
}

}  // namespace

void add_me_routes(http::Router& router, Platform& platform) {
  using enum http::Method;
  const auto own = [&](http::Method method, const char* path, http::Body body, const char* summary,
                       awaitable<Result<Response>> (*handler)(RequestContext&, Platform&)) {
    add_route(router, platform, {method, path, http::Access::account, body, summary},
              [&platform, handler](RequestContext& context) { return handler(context, platform); });
  };
  own(get, "/v1/me", http::Body::none, "Who am I: profile, wallet, earnings, unread notices",
      show_me);
  own(put, "/v1/me/subscription-price", http::Body::json,
      "Set the price of a subscription to oneself; 0 is a free follow", set_price);
  own(get, "/v1/me/purchases", http::Body::none, "What I bought, newest first", purchases);
  own(get, "/v1/me/subscriptions", http::Body::none, "Whom I subscribe to, newest first",
      subscriptions);
  add_route(router, platform,
            {get, "/v1/me/wallet/statement", http::Access::account, http::Body::none,
             "Every movement of my wallet, newest first"},
            [&platform](RequestContext& context) {
              return statement(context, platform, BookKind::wallet);
            });
  add_route(router, platform,
            {get, "/v1/me/earnings/statement", http::Access::account, http::Body::none,
             "Every movement of my earnings, newest first"},
            [&platform](RequestContext& context) {
              return statement(context, platform, BookKind::earnings);
            });
}

}  // namespace fl::api

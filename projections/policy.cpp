#include "projections/policy.hpp"

namespace fl::projections {
namespace {

std::optional<ledger::SubscriptionRow> subscription(const ReadModels& models, const View& view,
                                                    const AccountId& subscriber,
                                                    const AccountId& creator) {
  const auto row = models.access.subscription(view, subscriber, creator);
  if (!row) return std::nullopt;
  return ledger::SubscriptionRow{row->event_seq, row->price, row->follow ? Instant{} : row->ends};
}

}  // namespace

ledger::AccessFacts access_facts(const ReadModels& models, const View& view,
                                 std::optional<AccountId> viewer, const PostRow& post,
                                 Instant now) {
  ledger::AccessFacts facts;
  facts.viewer = viewer;
  facts.post = {post.author,  post.media,     post.premium,    post.price,
                post.deleted, post.event_seq, post.deleted_seq};
  facts.now = now;
  if (viewer) {
    if (const auto row = models.access.purchase(view, *viewer, post.id)) {
      facts.purchase = ledger::PurchaseRow{row->event_seq, row->price};
    }
    facts.subscription = subscription(models, view, *viewer, post.author);
  }
  return facts;
}

ledger::ChatFacts chat_facts(const ReadModels& models, const View& view, const AccountId& from,
                             const AccountId& to, Instant now) {
  return {from,
          to,
          subscription(models, view, from, to),
          subscription(models, view, to, from),
          models.inbox.has_written(view, to, from),
          now};
}

}  // namespace fl::projections

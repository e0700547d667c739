#include "core/ledger/rule_parts.hpp"

namespace fl::ledger {
namespace {

constexpr std::size_t kNoteBytes = 2048;

Status check_price_shown(const Money& price, const pb::Price& shown) {
  if (shown.currency() != price.currency.code() || shown.amount() != price.amount) {
    return conflict("price_changed", "price", "The price is not the one that was shown.");
  }
  return {};
}

Status check_entry(std::string_view entry) {
  if (entry.size() == 16) return {};
  return malformed("entry_malformed", "", "The entry's id is not one.");
}

std::optional<Money> money_of(const pb::Price& price) {
  const auto currency = Currency::parse(price.currency());
  if (!currency || price.amount() < 0) return std::nullopt;
  return Money{price.amount(), *currency};
}

void complete_sale(pb::LedgerEvent& draft, std::string_view payer, const AccountId& payee,
                   const pb::Price& price, Amount fee) {
  if (const auto money = money_of(price); money && fee >= 0) {
    write_postings(sale(AccountId::from_raw(payer), payee, *money, fee), draft);
  }
}

}  // namespace

Status check_event(const State& state, const pb::Purchased& e) {
  if (auto entry = check_entry(e.entry()); !entry) return entry;
  const auto id = PostId::from_raw(e.post());
  const auto* post = e.post().size() == 16 ? state.posts.find(id) : nullptr;
  if (post == nullptr || post->deleted) {
    return not_found("post_unknown", "post", "There is no such post.");
  }
  const auto buyer = AccountId::from_raw(e.buyer());
  if (post->author == buyer) {
    return refused("own_content", "post", "Nobody buys from themselves.");
  }
  if (!post->premium) return conflict("not_premium", "post", "The post is free to see.");
  if (state.purchases.contains(pair_key(buyer, id))) {
    return conflict("already_purchased", "post", "The post is yours already.");
  }
  if (auto c = selling_creator(state, post->author.view(), "post"); !c) return fail(c.error());
  if (auto price = read_payment(state, e.price(), "price"); !price) return fail(price.error());
  if (auto shown = check_price_shown(post->price, e.price()); !shown) return shown;
  return check_funds(state, buyer, post->price);
}

Status check_event(const State& state, const pb::Subscribed& e, Instant time) {
  if (auto entry = check_entry(e.entry()); !entry) return entry;
  const auto subscriber = AccountId::from_raw(e.subscriber());
  const auto creator = AccountId::from_raw(e.creator());
  if (subscriber == creator) {
    return refused("own_content", "creator", "Nobody subscribes to themselves.");
  }
  auto row = selling_creator(state, e.creator(), "creator");
  if (!row) return fail(row.error());
  if (!(*row)->subscription_price) {
    return conflict("no_subscription_price", "creator", "The creator offers no subscription.");
  }
  const Money price = *(*row)->subscription_price;
  const auto* held = state.subscriptions.find(pair_key(subscriber, creator));
  if (held != nullptr && held->active_at(time) && (!held->is_follow() || price.amount == 0)) {
    return conflict("already_subscribed", "creator", "The subscription is active already.");
  }
  if (auto read = read_price(state, e.price(), "price"); !read) return fail(read.error());
  if (auto shown = check_price_shown(price, e.price()); !shown) return shown;
  return check_funds(state, subscriber, price);
}

Status check_event(const State& state, const pb::Tipped& e) {
  if (auto entry = check_entry(e.entry()); !entry) return entry;
  if (e.from() == e.to()) return refused("own_content", "to", "Nobody tips themselves.");
  if (auto creator = selling_creator(state, e.to(), "to"); !creator) return fail(creator.error());
  auto amount = read_payment(state, e.amount(), "amount");
  if (!amount) return fail(amount.error());
  if (!e.post().empty()) {
    const auto* post = state.posts.find(PostId::from_raw(e.post()));
    if (e.post().size() != 16 || post == nullptr || post->deleted ||
        post->author != AccountId::from_raw(e.to())) {
      return not_found("post_unknown", "post", "The creator has no such post.");
    }
  }
  if (e.has_note()) {
    if (auto note = check_sealed(e.note(), e.from(), "note", kNoteBytes); !note) return note;
  }
  return check_funds(state, AccountId::from_raw(e.from()), *amount);
}

void complete_payment(const State& state, pb::LedgerEvent& draft, Instant time) {
  draft.clear_postings();
  const auto version = state.fees.version();
  switch (draft.body_case()) {
    case pb::LedgerEvent::kPurchased: {
      auto& e = *draft.mutable_purchased();
      e.set_fee(fee_of(e.price(), state.fees.purchase_bp()));
      e.set_fee_version(version);
      const auto* post = state.posts.find(PostId::from_raw(e.post()));
      if (post != nullptr) complete_sale(draft, e.buyer(), post->author, e.price(), e.fee());
      return;
    }
    case pb::LedgerEvent::kSubscribed: {
      auto& e = *draft.mutable_subscribed();
      e.set_fee(fee_of(e.price(), state.fees.subscription_bp()));
      e.set_fee_version(version);
      e.set_ends_ms(e.price().amount() == 0 ? 0 : (time + kSubscriptionPeriod).ms);
      complete_sale(draft, e.subscriber(), AccountId::from_raw(e.creator()), e.price(), e.fee());
      return;
    }
    case pb::LedgerEvent::kTipped: {
      auto& e = *draft.mutable_tipped();
      e.set_fee(fee_of(e.amount(), state.fees.tip_bp()));
      e.set_fee_version(version);
      complete_sale(draft, e.from(), AccountId::from_raw(e.to()), e.amount(), e.fee());
      return;
    }
    case pb::LedgerEvent::kDeposited: {
      const auto& e = draft.deposited();
      if (const auto money = money_of(e.amount()); money && money->amount > 0) {
        write_postings(deposit(AccountId::from_raw(e.account()), *money), draft);
      }
      return;
    }
    default:
      return;  // moves no money
  }
}

}  // namespace fl::ledger

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

Payment compute_sale(const State& state, std::string_view payer, const AccountId& payee,
                     const pb::Price& price, std::uint32_t basis_points) {
  Payment payment{fee_of(price, basis_points), state.fees.version(), 0, {}};
  if (const auto money = money_of(price); money && payment.fee >= 0) {
    payment.postings = sale(AccountId::from_raw(payer), payee, *money, payment.fee);
  }
  return payment;
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

Payment compute_payment(const State& state, const pb::LedgerEvent& event, Instant time) {
  const auto& fees = state.fees;
  switch (event.body_case()) {
    case pb::LedgerEvent::kPurchased: {
      const auto& e = event.purchased();
      const auto* post = state.posts.find(PostId::from_raw(e.post()));
      if (post == nullptr) return {};
      return compute_sale(state, e.buyer(), post->author, e.price(), fees.purchase_bp());
    }
    case pb::LedgerEvent::kSubscribed: {
      const auto& e = event.subscribed();
      auto payment = compute_sale(state, e.subscriber(), AccountId::from_raw(e.creator()),
                                  e.price(), fees.subscription_bp());
      payment.ends_ms = e.price().amount() == 0 ? 0 : (time + kSubscriptionPeriod).ms;
      return payment;
    }
    case pb::LedgerEvent::kTipped: {
      const auto& e = event.tipped();
      return compute_sale(state, e.from(), AccountId::from_raw(e.to()), e.amount(), fees.tip_bp());
    }
    case pb::LedgerEvent::kDeposited: {
      const auto& e = event.deposited();
      Payment payment;
      if (const auto money = money_of(e.amount()); money && money->amount > 0) {
        payment.postings = deposit(AccountId::from_raw(e.account()), *money);
      }
      return payment;
    }
    default:
      return {};  // moves no money
  }
}

std::optional<Payment> stated_payment(const pb::LedgerEvent& event) {
  auto postings = read_postings(event);
  if (!postings) return std::nullopt;
  Payment payment;
  payment.postings = std::move(*postings);
  const auto add_fee = [&](const auto& e) {
    payment.fee = e.fee();
    payment.fee_version = e.fee_version();
  };
  if (event.has_purchased()) add_fee(event.purchased());
  if (event.has_subscribed()) {
    add_fee(event.subscribed());
    payment.ends_ms = event.subscribed().ends_ms();
  }
  if (event.has_tipped()) add_fee(event.tipped());
  return payment;
}

void write_payment(const Payment& payment, pb::LedgerEvent& draft) {
  write_postings(payment.postings, draft);
  const auto set_fee = [&](auto& e) {
    e.set_fee(payment.fee);
    e.set_fee_version(payment.fee_version);
  };
  if (draft.has_purchased()) set_fee(*draft.mutable_purchased());
  if (draft.has_subscribed()) {
    set_fee(*draft.mutable_subscribed());
    draft.mutable_subscribed()->set_ends_ms(payment.ends_ms);
  }
  if (draft.has_tipped()) set_fee(*draft.mutable_tipped());
}

}  // namespace fl::ledger

#include "core/ledger/apply.hpp"

#include "core/base/assert.hpp"
#include "core/events/signature.hpp"
#include "core/ledger/postings.hpp"

namespace fl::ledger {
namespace {

Money to_money(const pb::Price& price) {
  return {price.amount(), Currency::parse(price.currency()).value_or(Currency{})};
}

void apply_body(State& state, const pb::LedgerEvent& event, const EventPlace& place) {
  switch (event.body_case()) {
    case pb::LedgerEvent::kAccountOpened: {
      const auto& e = event.account_opened();
      const auto id = AccountId::from_raw(e.account());
      auto& row = state.accounts.edit(id);
      row.role = e.role();
      row.username = e.username();
      row.email_index = Digest::from(e.email_index());
      row.opened_seq = place.seq;
      state.usernames.edit(lower_case(e.username())) = id;
      state.emails.edit(row.email_index) = id;
      return;
    }
    case pb::LedgerEvent::kStaffKeyAdded: {
      const auto& e = event.staff_key_added();
      state.staff_keys.edit(KeyId::from_raw(e.key())) = {e.public_key(), e.role(), e.name(), false};
      return;
    }
    case pb::LedgerEvent::kStaffKeyRevoked:
      state.staff_keys.edit(KeyId::from_raw(event.staff_key_revoked().key())).revoked = true;
      return;
    case pb::LedgerEvent::kCreatorVerified: {
      auto& row = state.accounts.edit(AccountId::from_raw(event.creator_verified().account()));
      row.verified = true;
      row.verified_seq = place.seq;
      return;
    }
    case pb::LedgerEvent::kVerificationWithdrawn: {
      auto& row =
          state.accounts.edit(AccountId::from_raw(event.verification_withdrawn().account()));
      row.verified = false;
      row.verified_seq = place.seq;
      return;
    }
    case pb::LedgerEvent::kDeposited:
      return;  // its postings say it all
    case pb::LedgerEvent::kSubscriptionPriceSet: {
      const auto& e = event.subscription_price_set();
      state.accounts.edit(AccountId::from_raw(e.creator())).subscription_price =
          to_money(e.price());
      return;
    }
    case pb::LedgerEvent::kMediaRegistered: {
      const auto& e = event.media_registered();
      state.media.edit(MediaId::from_raw(e.media())) = {AccountId::from_raw(e.owner()), e.kind(),
                                                        Digest::from(e.manifest())};
      return;
    }
    case pb::LedgerEvent::kPostPublished: {
      const auto& e = event.post_published();
      auto& row = state.posts.edit(PostId::from_raw(e.post()));
      row.author = AccountId::from_raw(e.author());
      row.media = MediaId::from_raw(e.media());
      row.premium = e.premium();
      if (e.premium()) row.price = to_money(e.price());
      row.published_seq = place.seq;
      return;
    }
    case pb::LedgerEvent::kPostDeleted: {
      auto& row = state.posts.edit(PostId::from_raw(event.post_deleted().post()));
      row.deleted = true;
      row.deleted_seq = place.seq;
      return;
    }
    case pb::LedgerEvent::kPurchased: {
      const auto& e = event.purchased();
      const auto key = pair_key(AccountId::from_raw(e.buyer()), PostId::from_raw(e.post()));
      state.purchases.edit(key) = {place.seq, to_money(e.price())};
      return;
    }
    case pb::LedgerEvent::kSubscribed: {
      const auto& e = event.subscribed();
      const auto key =
          pair_key(AccountId::from_raw(e.subscriber()), AccountId::from_raw(e.creator()));
      state.subscriptions.edit(key) = {place.seq, to_money(e.price()), Instant{e.ends_ms()}};
      return;
    }
    case pb::LedgerEvent::kTipped:
      return;  // its postings say it all
    case pb::LedgerEvent::BODY_NOT_SET:
      return;
  }
}

}  // namespace

void apply_genesis(State& state, const pb::Genesis& genesis, const Digest& head) {
  state.ledger_id = genesis.ledger_id();
  state.genesis = genesis;
  state.fees = genesis.fees();
  state.time = {genesis.time_ms()};
  state.anchors = {{0, head, state.time}};
  state.staff_keys.edit(events::key_id_of(genesis.admin_key())) = {
      genesis.admin_key(), pb::STAFF_ROLE_ADMIN, "first admin", false};
}

void apply(State& state, const pb::LedgerEvent& event, const EventPlace& place) {
  const auto lines = read_postings(event);
  FL_ASSERT(lines.has_value());
  for (const auto& line : *lines) {
    Amount& balance = state.balances.edit(line.account);
    const auto sum = checked_add(balance, line.amount);
    FL_ASSERT(sum.has_value());
    balance = *sum;
  }
  apply_body(state, event, place);
  const auto& origin = event.origin();
  state.commands.edit(command_key(origin.caller_kind(), origin.caller(), origin.command_id())) = {
      Digest::from(origin.command_mac()), place.seq, place.offset, place.index};
  state.next_event_seq = place.seq + 1;
}

void apply_batch_end(State& state, Instant time, const Digest& head) {
  state.time = time;
  if (time - state.anchors.back().time < kAnchorSpacing) return;
  if (state.anchors.size() >= kAnchorsKept) state.anchors.erase(state.anchors.begin());
  state.anchors.push_back({state.next_event_seq, head, time});
}

}  // namespace fl::ledger

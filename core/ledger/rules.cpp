#include "core/ledger/rules.hpp"

#include <algorithm>

#include "core/ledger/rule_parts.hpp"

namespace fl::ledger {
namespace {

pb::CallerKind caller_of(pb::LedgerEvent::BodyCase body) {
  switch (body) {
    case pb::LedgerEvent::kAccountOpened:
      return pb::CALLER_KIND_VISITOR;
    case pb::LedgerEvent::kStaffKeyAdded:
    case pb::LedgerEvent::kStaffKeyRevoked:
    case pb::LedgerEvent::kCreatorVerified:
    case pb::LedgerEvent::kVerificationWithdrawn:
    case pb::LedgerEvent::kDeposited:
      return pb::CALLER_KIND_STAFF;
    case pb::LedgerEvent::kMediaRegistered:
      return pb::CALLER_KIND_SYSTEM;
    case pb::LedgerEvent::kSubscriptionPriceSet:
    case pb::LedgerEvent::kPostPublished:
    case pb::LedgerEvent::kPostDeleted:
    case pb::LedgerEvent::kPurchased:
    case pb::LedgerEvent::kSubscribed:
    case pb::LedgerEvent::kTipped:
      return pb::CALLER_KIND_ACCOUNT;
    case pb::LedgerEvent::BODY_NOT_SET:
      return pb::CALLER_KIND_UNSPECIFIED;
  }
  return pb::CALLER_KIND_UNSPECIFIED;
}

/// Who the event says has acted. It must be the caller: nobody spends another's wallet.
std::string_view actor_of(const pb::LedgerEvent& event) {
  switch (event.body_case()) {
    case pb::LedgerEvent::kSubscriptionPriceSet:
      return event.subscription_price_set().creator();
    case pb::LedgerEvent::kPostPublished:
      return event.post_published().author();
    case pb::LedgerEvent::kPurchased:
      return event.purchased().buyer();
    case pb::LedgerEvent::kSubscribed:
      return event.subscribed().subscriber();
    case pb::LedgerEvent::kTipped:
      return event.tipped().from();
    default:
      return event.origin().caller();
  }
}

Status check_origin(const State& state, const pb::LedgerEvent& event) {
  const auto& origin = event.origin();
  if (event.body_case() == pb::LedgerEvent::BODY_NOT_SET) {
    return malformed("event_empty", "", "The command says nothing to be done.");
  }
  if (origin.caller_kind() != caller_of(event.body_case())) {
    return refused("caller_not_allowed", "", "This caller may not do this.");
  }
  if (origin.command_id().empty() || origin.command_id().size() > kCommandIdBytes) {
    return malformed("command_id_length", "Idempotency-Key",
                     fmt::format("An idempotency key has 1 to {} bytes.", kCommandIdBytes));
  }
  // Text that is not UTF-8 could be written but never read again.
  if (!std::all_of(origin.command_id().begin(), origin.command_id().end(),
                   [](char c) { return c >= ' ' && c <= '~'; })) {
    return malformed("command_id_malformed", "Idempotency-Key",
                     "An idempotency key is printable ASCII.");
  }
  if (origin.command_mac().size() != 32) {
    return malformed("command_mac_missing", "", "The command carries no digest of itself.");
  }
  const bool anonymous = origin.caller_kind() == pb::CALLER_KIND_SYSTEM ||
                         origin.caller_kind() == pb::CALLER_KIND_VISITOR;
  if (origin.caller().size() != (anonymous ? 0 : 16)) {
    return malformed("caller_malformed", "", "The caller's id is not one.");
  }
  if (origin.caller_kind() == pb::CALLER_KIND_ACCOUNT &&
      !state.accounts.contains(AccountId::from_raw(origin.caller()))) {
    return refused("caller_unknown", "", "The caller has no account.");
  }
  if (actor_of(event) != origin.caller()) {
    return refused("not_the_caller", "", "Nobody acts in another's name.");
  }
  if (origin.has_staff() != (origin.caller_kind() == pb::CALLER_KIND_STAFF)) {
    return malformed("staff_proof", "", "A staff command carries a signature, and no other does.");
  }
  return {};
}

Status check_body(const State& state, const pb::LedgerEvent& event, Instant time) {
  switch (event.body_case()) {
    case pb::LedgerEvent::kAccountOpened:
      return check_event(state, event.account_opened());
    case pb::LedgerEvent::kStaffKeyAdded:
      return check_event(state, event.staff_key_added());
    case pb::LedgerEvent::kStaffKeyRevoked:
      return check_event(state, event.staff_key_revoked());
    case pb::LedgerEvent::kCreatorVerified:
      return check_event(state, event.creator_verified());
    case pb::LedgerEvent::kVerificationWithdrawn:
      return check_event(state, event.verification_withdrawn());
    case pb::LedgerEvent::kDeposited:
      return check_event(state, event.deposited());
    case pb::LedgerEvent::kSubscriptionPriceSet:
      return check_event(state, event.subscription_price_set());
    case pb::LedgerEvent::kMediaRegistered:
      return check_event(state, event.media_registered());
    case pb::LedgerEvent::kPostPublished:
      return check_event(state, event.post_published());
    case pb::LedgerEvent::kPostDeleted:
      return check_event(state, event.post_deleted(), AccountId::from_raw(event.origin().caller()));
    case pb::LedgerEvent::kPurchased:
      return check_event(state, event.purchased());
    case pb::LedgerEvent::kSubscribed:
      return check_event(state, event.subscribed(), time);
    case pb::LedgerEvent::kTipped:
      return check_event(state, event.tipped());
    case pb::LedgerEvent::BODY_NOT_SET:
      break;
  }
  return malformed("event_empty", "", "The command says nothing to be done.");
}

/// What the rules compute must be what the event says: a fee, an end, a posting, a body that
/// somebody else computed otherwise is refused, whoever it was.
Status check_computed(const State& state, const pb::LedgerEvent& event, Instant time) {
  bool same = compute_payment(state, event, time) == stated_payment(event);
  if (same && event.origin().has_staff()) {
    pb::LedgerEvent again = event;
    complete_staff(again);
    same = events::encode(again) == events::encode(event);
  }
  if (same) return {};
  return refused("computed_otherwise", "", "The event is not what the rules make of its command.");
}

}  // namespace

void complete(const State& state, pb::LedgerEvent& draft, Instant time) {
  if (draft.origin().has_staff()) complete_staff(draft);
  write_payment(compute_payment(state, draft, time), draft);
}

Status check(const State& state, const pb::LedgerEvent& event, Instant time) {
  if (auto status = check_origin(state, event); !status) return status;
  if (event.origin().has_staff()) {
    if (auto status = check_staff_proof(state, event, time); !status) return status;
  }
  if (auto status = check_body(state, event, time); !status) return status;
  return check_computed(state, event, time);
}

}  // namespace fl::ledger

#include <algorithm>

#include "core/events/signature.hpp"
#include "core/ledger/rule_parts.hpp"

namespace fl::ledger {
namespace {

constexpr std::size_t kNameBytes = 100;
constexpr std::size_t kReferenceBytes = 200;
constexpr std::size_t kReasonBytes = 1000;

bool role_allows(pb::StaffRole role, pb::StaffCommand::BodyCase verb) {
  if (role == pb::STAFF_ROLE_ADMIN) return verb != pb::StaffCommand::BODY_NOT_SET;
  switch (verb) {
    case pb::StaffCommand::kVerifyCreator:
    case pb::StaffCommand::kWithdrawVerification:
      return role == pb::STAFF_ROLE_VERIFIER;
    case pb::StaffCommand::kDeposit:
      return role == pb::STAFF_ROLE_FINANCE;
    case pb::StaffCommand::kAddStaffKey:
    case pb::StaffCommand::kRevokeStaffKey:
    case pb::StaffCommand::BODY_NOT_SET:
      return false;
  }
  return false;
}

bool anchored(const State& state, const pb::StaffCommand& command) {
  return std::any_of(state.anchors.begin(), state.anchors.end(), [&](const Anchor& anchor) {
    return anchor.event_seq == command.anchor_seq() && anchor.head.view() == command.anchor_head();
  });
}

std::size_t admins(const State& state) {
  std::size_t count = 0;
  state.staff_keys.for_each([&](const KeyId&, const StaffKeyRow& key) {
    if (key.role == pb::STAFF_ROLE_ADMIN && !key.revoked) ++count;
  });
  return count;
}

}  // namespace

Status check_staff_proof(const State& state, const pb::LedgerEvent& event, Instant time) {
  const auto& proof = event.origin().staff();
  const auto key_id = KeyId::from_raw(proof.key());
  const auto* key = state.staff_keys.find(key_id);
  if (key == nullptr || event.origin().caller() != proof.key()) {
    return refused("staff_key_unknown", "key", "The key is not one of this platform's staff.");
  }
  if (key->revoked) return refused("staff_key_revoked", "key", "The key has been revoked.");
  if (!events::verify(key->public_key, events::kStaffCommandDomain, proof.command(),
                      proof.signature())) {
    return refused("signature_wrong", "signature", "The signature is not one of these bytes.");
  }
  auto command = events::decode<pb::StaffCommand>(proof.command());
  if (!command) return malformed("command_unreadable", "command", command.error().message);
  if (command->ledger_id() != state.ledger_id) {
    return refused("other_ledger", "ledger_id", "The command was signed for another ledger.");
  }
  if (!anchored(state, *command)) {
    return refused("anchor_unknown", "anchor_head",
                   "The command was signed over a head that is not a recent one of this ledger.");
  }
  if (command->expires_ms() <= time.ms) {
    return refused("command_expired", "expires_ms", "The signature has expired: sign again.");
  }
  if (command->expires_ms() > (time + kStaffCommandLifetime).ms) {
    return refused("expiry_too_far", "expires_ms", "A signature is valid for ten minutes at most.");
  }
  if (command->command_id() != event.origin().command_id()) {
    return refused("command_id_differs", "command_id", "The signed command has another id.");
  }
  if (command->reason().size() > kReasonBytes) {
    return malformed("field_too_long", "reason", fmt::format("At most {} bytes.", kReasonBytes));
  }
  if (!role_allows(key->role, command->body_case())) {
    return refused("role_not_allowed", "key", "The role of this key does not allow this.");
  }
  return {};
}

void complete_staff(pb::LedgerEvent& draft) {
  auto command = events::decode<pb::StaffCommand>(draft.origin().staff().command());
  if (!command) return;
  switch (command->body_case()) {
    case pb::StaffCommand::kAddStaffKey: {
      const auto& c = command->add_staff_key();
      auto* e = draft.mutable_staff_key_added();
      e->set_key(events::key_id_of(c.public_key()).raw());
      e->set_public_key(c.public_key());
      e->set_role(c.role());
      e->set_name(c.name());
      return;
    }
    case pb::StaffCommand::kRevokeStaffKey:
      draft.mutable_staff_key_revoked()->set_key(command->revoke_staff_key().key());
      return;
    case pb::StaffCommand::kVerifyCreator:
      draft.mutable_creator_verified()->set_account(command->verify_creator().account());
      return;
    case pb::StaffCommand::kWithdrawVerification:
      draft.mutable_verification_withdrawn()->set_account(
          command->withdraw_verification().account());
      return;
    case pb::StaffCommand::kDeposit: {
      const auto& c = command->deposit();
      auto* e = draft.mutable_deposited();
      e->set_entry(
          derive_id<EntryId>("deposit", draft.origin().caller(), command->command_id()).raw());
      e->set_account(c.account());
      e->mutable_amount()->set_amount(c.amount());
      e->mutable_amount()->set_currency(c.currency());
      e->set_reference(c.reference());
      return;
    }
    case pb::StaffCommand::BODY_NOT_SET:
      return;
  }
}

Status check_event(const State& state, const pb::StaffKeyAdded& e) {
  if (e.public_key().size() != events::kPublicKeyBytes) {
    return malformed("public_key_length", "public_key", "An Ed25519 public key has 32 bytes.");
  }
  if (e.role() == pb::STAFF_ROLE_UNSPECIFIED || !pb::StaffRole_IsValid(e.role())) {
    return malformed("role_unknown", "role", "The role is not one of staff.");
  }
  if (e.name().empty() || e.name().size() > kNameBytes) {
    return malformed("name_length", "name", fmt::format("A name has 1 to {} bytes.", kNameBytes));
  }
  if (state.staff_keys.contains(KeyId::from_raw(e.key()))) {
    return conflict("staff_key_exists", "public_key", "The key has been staff already.");
  }
  return {};
}

Status check_event(const State& state, const pb::StaffKeyRevoked& e) {
  const auto* key = state.staff_keys.find(KeyId::from_raw(e.key()));
  if (e.key().size() != 16 || key == nullptr) {
    return not_found("staff_key_unknown", "key", "There is no such key.");
  }
  if (key->revoked) return conflict("staff_key_revoked", "key", "The key is revoked already.");
  if (key->role == pb::STAFF_ROLE_ADMIN && admins(state) == 1) {
    return refused("last_admin", "key", "The last admin key cannot be revoked.");
  }
  return {};
}

Status check_event(const State& state, const pb::CreatorVerified& e) {
  auto account = known_account(state, e.account(), "account");
  if (!account) return fail(account.error());
  if ((*account)->role != pb::ROLE_CREATOR) {
    return refused("not_a_creator", "account", "Only creators are verified.");
  }
  if ((*account)->verified) {
    return conflict("already_verified", "account", "The creator is verified already.");
  }
  return {};
}

Status check_event(const State& state, const pb::VerificationWithdrawn& e) {
  auto account = known_account(state, e.account(), "account");
  if (!account) return fail(account.error());
  if (!(*account)->verified) {
    return conflict("not_verified", "account", "The creator is not verified.");
  }
  return {};
}

Status check_event(const State& state, const pb::Deposited& e) {
  if (auto account = known_account(state, e.account(), "account"); !account) {
    return fail(account.error());
  }
  auto amount = read_payment(state, e.amount(), "amount");
  if (!amount) return fail(amount.error());
  if (e.reference().empty() || e.reference().size() > kReferenceBytes) {
    return malformed("reference_length", "reference",
                     fmt::format("A reference has 1 to {} bytes.", kReferenceBytes));
  }
  const auto wallet = wallet_of(AccountId::from_raw(e.account()), amount->currency);
  if (!checked_add(state.balance(wallet), amount->amount)) {
    return refused("balance_overflow", "amount", "The wallet cannot hold that much.");
  }
  return {};
}

}  // namespace fl::ledger

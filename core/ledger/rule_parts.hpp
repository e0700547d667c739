#pragma once

// What the rules of single events share; included by rules*.cpp alone.

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "core/ledger/postings.hpp"
#include "core/ledger/rules.hpp"

namespace fl::ledger {

inline Failure refused(std::string code, std::string field, std::string message) {
  return fail(ErrorClass::refused, std::move(code), std::move(field), std::move(message));
}
inline Failure malformed(std::string code, std::string field, std::string message) {
  return fail(ErrorClass::malformed, std::move(code), std::move(field), std::move(message));
}
inline Failure conflict(std::string code, std::string field, std::string message) {
  return fail(ErrorClass::conflict, std::move(code), std::move(field), std::move(message));
}
inline Failure not_found(std::string code, std::string field, std::string message) {
  return fail(ErrorClass::not_found, std::move(code), std::move(field), std::move(message));
}

/// A price that this ledger can book: a known currency, not negative, and, unless it is free,
/// within the limits of one payment. `field` is the name that the caller gave it.
Result<Money> read_price(const State& state, const pb::Price& price, const std::string& field);

/// The same, and more than nothing.
Result<Money> read_payment(const State& state, const pb::Price& price, const std::string& field);

/// Whether the payer's wallet holds the price.
Status check_funds(const State& state, const AccountId& payer, const Money& price);

/// A sale's fee, or -1 when the price is not one.
Amount fee_of(const pb::Price& price, std::uint32_t basis_points);

/// The row of an account that must exist.
Result<const AccountRow*> known_account(const State& state, std::string_view raw_id,
                                        const std::string& field);
/// The same, a creator who may sell.
Result<const AccountRow*> selling_creator(const State& state, std::string_view raw_id,
                                          const std::string& field);

Status check_sealed(const pb::Sealed& sealed, std::string_view subject, const std::string& field,
                    std::size_t max_bytes);

// The rules of each event: rules_accounts.cpp, rules_content.cpp, rules_payments.cpp,
// rules_staff.cpp.
Status check_event(const State&, const pb::AccountOpened&);
Status check_event(const State&, const pb::SubscriptionPriceSet&);
Status check_event(const State&, const pb::MediaRegistered&);
Status check_event(const State&, const pb::PostPublished&);
Status check_event(const State&, const pb::PostDeleted&, const AccountId& caller);
Status check_event(const State&, const pb::Purchased&);
Status check_event(const State&, const pb::Subscribed&, Instant time);
Status check_event(const State&, const pb::Tipped&);
Status check_event(const State&, const pb::StaffKeyAdded&);
Status check_event(const State&, const pb::StaffKeyRevoked&);
Status check_event(const State&, const pb::CreatorVerified&);
Status check_event(const State&, const pb::VerificationWithdrawn&);
Status check_event(const State&, const pb::Deposited&);

/// The signature, key, role, expiry and anchor of a staff command.
Status check_staff_proof(const State&, const pb::LedgerEvent&, Instant time);
/// The body that a staff command stands for. Nothing is changed when it cannot be read.
void complete_staff(pb::LedgerEvent& draft);

/// What the rules compute of an event's money, whatever it is; nothing for one that moves none.
struct Payment {
  Amount fee = 0;
  std::uint32_t fee_version = 0;
  std::int64_t ends_ms = 0;
  std::vector<PostingLine> postings;
  bool operator==(const Payment&) const = default;
};
Payment compute_payment(const State&, const pb::LedgerEvent&, Instant time);
/// What the event itself says; nothing when its postings cannot be read.
std::optional<Payment> stated_payment(const pb::LedgerEvent&);
void write_payment(const Payment&, pb::LedgerEvent& draft);

}  // namespace fl::ledger

#pragma once

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/ledger/state.hpp"

namespace fl::ledger {

/// A paid subscription lasts this long.
inline constexpr Duration kSubscriptionPeriod = days(30);
/// A staff signature may be valid for at most this long.
inline constexpr Duration kStaffCommandLifetime = minutes(10);
inline constexpr std::size_t kCommandIdBytes = 255;

/// Fills in what the rules compute: fee, end of the period, postings, and of a staff command the
/// whole body. What cannot be computed is left for `check` to refuse.
void complete(const State& state, pb::LedgerEvent& draft, Instant time);

/// Whether the event may follow on this state at this time. The owner asks before it appends;
/// replicas and auditors ask again, of the event alone. Every refusal of the ledger is made here.
Status check(const State& state, const pb::LedgerEvent& event, Instant time);

}  // namespace fl::ledger

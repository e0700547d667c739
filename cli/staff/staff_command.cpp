#include "cli/staff/staff_command.hpp"

#include <fmt/format.h>
#include <sodium.h>

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/events/signature.hpp"

namespace fl::cli {

std::string random_command_id() {
  EventId id;
  randombytes_buf(id.bytes.data(), id.bytes.size());
  return id.str().substr(EventTag::prefix.size() + 1);
}

void frame_command(pb::StaffCommand& command, const PlatformHead& head, Instant now,
                   const CommandFrame& frame) {
  FL_ASSERT(frame.seconds_valid >= 1 && frame.seconds_valid <= kMostSecondsValid);
  command.set_ledger_id(head.ledger_id);
  command.set_anchor_seq(head.anchor_seq);
  command.set_anchor_head(head.anchor_head);
  command.set_expires_ms((std::max(head.time, now) + seconds(frame.seconds_valid)).ms);
  command.set_command_id(frame.command_id);
  command.set_reason(frame.reason);
}

SignedCommand sign_command(const SecretSeed& seed, const pb::StaffCommand& command) {
  SignedCommand out;
  out.key = seed.key_id();
  out.command = events::encode(command);
  out.signature = events::sign(seed.bytes(), events::kStaffCommandDomain, out.command);
  return out;
}

Result<Money> read_amount(const PlatformHead& head, const std::string& amount,
                          const std::string& currency) {
  const auto parsed = Currency::parse(currency);
  const auto known = parsed ? head.decimals.find(*parsed) : head.decimals.end();
  if (known == head.decimals.end()) {
    std::string all;
    for (const auto& [each, decimals] : head.decimals) {
      all += (all.empty() ? "" : ", ") + std::string(each.code());
    }
    return fail(ErrorClass::malformed, "currency_unknown", "CURRENCY",
                fmt::format("This platform has {} and no other currency.", all));
  }
  const auto minor = parse_amount(amount, known->second);
  if (!minor) {
    return fail(ErrorClass::malformed, "amount_malformed", "AMOUNT",
                fmt::format("An amount of {} is digits, with at most {} after the point, without "
                            "sign or separators.",
                            parsed->code(), known->second));
  }
  if (*minor == 0) {
    return fail(ErrorClass::malformed, "amount_not_positive", "AMOUNT",
                "An amount is more than nothing.");
  }
  return Money{*minor, *parsed};
}

Result<pb::StaffRole> read_role(const std::string& name) {
  if (name == "admin") return pb::STAFF_ROLE_ADMIN;
  if (name == "verifier") return pb::STAFF_ROLE_VERIFIER;
  if (name == "finance") return pb::STAFF_ROLE_FINANCE;
  if (name == "auditor") return pb::STAFF_ROLE_AUDITOR;
  if (name == "support") return pb::STAFF_ROLE_SUPPORT;
  return fail(ErrorClass::malformed, "role_unknown", "--role",
              "A role is verifier, finance, auditor, support or admin.");
}

}  // namespace fl::cli

#include "core/owner/genesis.hpp"

#include <set>

#include "core/base/money.hpp"
#include "core/events/signature.hpp"

namespace fl::owner {
namespace {

void add_currency(pb::Genesis& genesis, const char* code, std::uint32_t decimals, Amount minimum,
                  Amount maximum) {
  auto* spec = genesis.add_currencies();
  spec->set_code(code);
  spec->set_decimals(decimals);
  auto* limits = genesis.mutable_fees()->add_limits();
  limits->set_currency(code);
  limits->set_minimum(minimum);
  limits->set_maximum(maximum);
}

Failure bad(const char* field, const char* why) {
  return fail(ErrorClass::malformed, "genesis_malformed", field, why);
}

}  // namespace

pb::Genesis default_genesis(std::string_view ledger_id, std::string_view admin_key,
                            std::string_view checkpoint_key, Instant now) {
  pb::Genesis genesis;
  genesis.set_format(events::kFormat);
  genesis.set_ledger_id(std::string(ledger_id));
  genesis.set_time_ms(now.ms);
  genesis.set_admin_key(std::string(admin_key));
  genesis.set_checkpoint_key(std::string(checkpoint_key));
  auto* fees = genesis.mutable_fees();
  fees->set_version(1);
  fees->set_subscription_bp(1000);
  fees->set_tip_bp(2000);
  fees->set_purchase_bp(5000);
  fees->set_message_unlock_bp(5000);
  add_currency(genesis, "USD", 2, 100, 10'000'000);       // 1.00 to 100,000.00
  add_currency(genesis, "BTC", 8, 1'000, 1'000'000'000);  // 0.00001 to 10
  return genesis;
}

Status check_genesis(const pb::Genesis& genesis) {
  if (genesis.format() != events::kFormat) return bad("format", "An unknown format.");
  if (genesis.ledger_id().size() != 16) return bad("ledger_id", "A ledger id has 16 bytes.");
  if (genesis.admin_key().size() != events::kPublicKeyBytes) {
    return bad("admin_key", "An Ed25519 public key has 32 bytes.");
  }
  if (genesis.checkpoint_key().size() != events::kPublicKeyBytes) {
    return bad("checkpoint_key", "An Ed25519 public key has 32 bytes.");
  }
  std::set<std::string> codes;
  for (const auto& spec : genesis.currencies()) {
    if (!Currency::parse(spec.code()) || spec.decimals() > 18 ||
        !codes.insert(spec.code()).second) {
      return bad("currencies", "A currency has a code of its own and at most 18 decimals.");
    }
  }
  if (codes.empty()) return bad("currencies", "A ledger has at least one currency.");
  const auto& fees = genesis.fees();
  for (auto bp :
       {fees.subscription_bp(), fees.tip_bp(), fees.purchase_bp(), fees.message_unlock_bp()}) {
    if (bp > 10'000) return bad("fees", "A fee is at most 10,000 basis points.");
  }
  for (const auto& limits : fees.limits()) {
    if (!codes.contains(limits.currency()) || limits.minimum() < 1 ||
        limits.maximum() < limits.minimum()) {
      return bad("fees.limits", "Limits are of a known currency, and 1 ≤ minimum ≤ maximum.");
    }
  }
  return {};
}

Status write_genesis(log::Log& log, const pb::Genesis& genesis) {
  if (auto status = check_genesis(genesis); !status) return status;
  auto end = log.end(log::Stream::ledger, 0);
  if (!end) return fail(end.error());
  if (*end != 0) {
    return fail(ErrorClass::conflict, "ledger_exists", "ledger",
                "The log holds a ledger already: a genesis is written once.");
  }
  pb::LedgerRecord record;
  *record.mutable_genesis() = genesis;
  const log::NewRecord stored{"", events::encode(record)};
  auto offset = log.append(log::Stream::ledger, 0, {&stored, 1});
  if (!offset) return fail(offset.error());
  if (*offset != 0) {
    return fail(ErrorClass::conflict, "ledger_exists", "ledger", "Another genesis came first.");
  }
  return {};
}

}  // namespace fl::owner

#include "core/ledger/decide.hpp"

#include "core/ledger/invariants.hpp"
#include "core/ledger/rules.hpp"

namespace fl::ledger {

Result<std::optional<CommandRow>> find_repetition(const State& state, const pb::Origin& origin) {
  const auto* row =
      state.commands.find(command_key(origin.caller_kind(), origin.caller(), origin.command_id()));
  if (row == nullptr) return std::optional<CommandRow>{};
  if (!equal_constant_time(row->mac.view(), origin.command_mac())) {
    return fail(ErrorClass::conflict, "idempotency_key_reused", "Idempotency-Key",
                "This idempotency key has been used for another request.");
  }
  return std::optional<CommandRow>{*row};
}

Result<Decision> decide(const State& state, Command command, Instant time) {
  auto repeated = find_repetition(state, command.draft.origin());
  if (!repeated) return fail(repeated.error());
  if (*repeated) return Decision{Repeated{**repeated}};

  pb::LedgerEvent& event = command.draft;
  complete(state, event, time);
  if (auto status = check(state, event, time); !status) return fail(status.error());
  if (const auto violation = find_violation(state, event)) {
    return fail(ErrorClass::refused, "vetoed", "",
                std::string(violation->sentence) + " (" + violation->detail + ")");
  }
  return Decision{std::move(event)};
}

}  // namespace fl::ledger

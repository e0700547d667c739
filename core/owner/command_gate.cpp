#include "core/owner/command_gate.hpp"

namespace fl::owner {

Failure unknown_outcome() {
  return fail(ErrorClass::retry, "outcome_unknown", "",
              "The outcome is not known: send the same request again with the same key.");
}

Failure owner_unavailable() {
  return fail(ErrorClass::unavailable, "owner_unavailable", "",
              "The ledger takes no commands now: try again later with the same key.");
}

Failure deadline_passed() {
  return fail(ErrorClass::unavailable, "deadline_passed", "",
              "The request waited too long and was not carried out.");
}

std::optional<unsigned> CommandGate::decimals(const Currency& currency) const {
  for (const auto& spec : genesis().currencies()) {
    if (spec.code() == currency.code()) return spec.decimals();
  }
  return std::nullopt;
}

}  // namespace fl::owner

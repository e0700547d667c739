#include "core/owner/command_gate.hpp"

namespace fl::owner {

Failure unknown_outcome() {
  return fail(ErrorClass::retry, "outcome_unknown", "",
              "The outcome is not known: send the same request again with the same key.");
}

std::optional<unsigned> CommandGate::decimals(const Currency& currency) const {
  for (const auto& spec : genesis().currencies()) {
    if (spec.code() == currency.code()) return spec.decimals();
  }
  return std::nullopt;
}

}  // namespace fl::owner

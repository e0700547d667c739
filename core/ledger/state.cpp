#include "core/ledger/state.hpp"

namespace fl::ledger {

std::optional<unsigned> State::decimals(const Currency& currency) const {
  for (const auto& spec : genesis.currencies()) {
    if (spec.code() == currency.code()) return spec.decimals();
  }
  return std::nullopt;
}

std::string lower_case(std::string_view ascii) {
  std::string out(ascii);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace fl::ledger

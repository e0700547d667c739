#pragma once

#include "projections/ledger_reader.hpp"

namespace fl::projections {

/// The rule of the ledger (core/events/chain.hpp) as read models need it.
Result<std::unique_ptr<LedgerReader>> open_chain_reader(std::string_view state);

}  // namespace fl::projections

#pragma once

#include "projections/ledger_reader.hpp"

namespace fl::cli {

/// The rule of the ledger (core/events/chain) as the read models need it: which events are valid.
projections::OpenLedgerReader chain_reader();

}  // namespace fl::cli

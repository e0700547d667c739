#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>

#include "core/log/log.hpp"

namespace fl::cli {

struct ShowOptions {
  std::uint64_t from = 0;  ///< number of the first event
  std::uint64_t count = 100;
  bool records = false;  ///< genesis, fences and void records as well, where they stand
};

/// Prints valid events, one JSON object a line. It follows the chain, not the rules: what `verify`
/// stops at can be looked at here. Error: a record that cannot be read or followed.
Status show_events(log::LogReader& log, const ShowOptions& options, std::ostream& out);

/// The id of the ledger, from its genesis. Errors: unavailable `ledger_empty`, `ledger_halt`.
Result<std::string> ledger_id_of(log::LogReader& log);

}  // namespace fl::cli

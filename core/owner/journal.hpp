#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.hpp"
#include "core/log/log.hpp"

namespace fl::owner {

/// The stream `ledger` of a shared log, as a candidate for its ownership writes it.
class Journal {
 public:
  virtual ~Journal() = default;

  using Ticket = std::uint64_t;  ///< of one append; never used again

  /// Sends a record on its way, after those sent before; never blocks. What becomes of it is told
  /// to the candidate later, with the ticket: never from within this call.
  virtual void append(Ticket ticket, const std::string& stored) = 0;

  /// A record that was read before. Error: as the log's.
  virtual Result<std::string> read(log::Offset offset) = 0;
};

}  // namespace fl::owner

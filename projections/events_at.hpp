#pragma once

#include <cstdint>

#include "core/log/log.hpp"
#include "schemas/activity.pb.h"
#include "schemas/ledger.pb.h"

namespace fl {
namespace pb = ::fanledger::v1;
}

namespace fl::projections {

/// A valid event of the ledger.
struct LedgerEventAt {
  std::uint64_t event_seq = 0;
  log::Offset offset = 0;    ///< of the record that holds it
  std::uint32_t index = 0;   ///< within the record
  std::int64_t time_ms = 0;  ///< of its batch
  pb::LedgerEvent event;
};

/// An event of the stream `activity`, which may be void.
struct ActivityEventAt {
  log::PartitionIndex partition = 0;
  log::Offset offset = 0;
  pb::ActivityEvent event;
};

}  // namespace fl::projections

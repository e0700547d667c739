#pragma once

#include <cstdint>
#include <string>

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/events/chain.hpp"

namespace fl::owner {

/// Who a fence says that the ledger's owner is.
struct OwnerName {
  std::string id;
  std::string url;  ///< where other nodes hand in commands
};

/// The record by which a node takes the ledger over from where the chain stands. `incarnation` is
/// 16 random bytes, new at each attempt: a fence belongs to whoever made this very record. Error:
/// malformed `owner_malformed`, when readers could not read the name: the fence would be void, and
/// so would be all that is acknowledged behind it.
Result<pb::LedgerRecord> make_fence(const events::ChainState& chain, const OwnerName& owner,
                                    const std::string& incarnation, std::uint64_t nonce,
                                    Instant now);

}  // namespace fl::owner

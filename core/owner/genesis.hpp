#pragma once

#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/events/codec.hpp"
#include "core/log/log.hpp"

namespace fl::owner {

/// The genesis of a new platform: USD and BTC, the default fees and limits.
/// `ledger_id` is 16 random bytes; both keys are Ed25519 public keys.
pb::Genesis default_genesis(std::string_view ledger_id, std::string_view admin_key,
                            std::string_view checkpoint_key, Instant now);

/// Why a genesis cannot begin a ledger, if it cannot.
Status check_genesis(const pb::Genesis& genesis);

/// Appends it to a log whose ledger is empty. Refused (`ledger_exists`) on any other.
Status write_genesis(log::Log& log, const pb::Genesis& genesis);

}  // namespace fl::owner

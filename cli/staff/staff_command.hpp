#pragma once

#include <string>

#include "cli/key_file.hpp"
#include "cli/platform.hpp"
#include "core/events/codec.hpp"
#include "schemas/staff.pb.h"

namespace fl::cli {

/// A signature may be valid for at most this long, so that a stolen one is soon worthless.
inline constexpr int kMostSecondsValid = 600;

/// What every staff command says besides what is to be done.
struct CommandFrame {
  std::string command_id;
  std::string reason;
  int seconds_valid = 300;
};

/// A fresh id: 26 characters.
std::string random_command_id();

/// Binds `command`, whose body is set, to this ledger, a recent head, an end and an id. The end
/// counts from the platform's time or from `now`, whichever is later: a ledger where nothing
/// happened for an hour shows an hour-old time.
void frame_command(pb::StaffCommand& command, const PlatformHead& head, Instant now,
                   const CommandFrame& frame);

SignedCommand sign_command(const SecretSeed& seed, const pb::StaffCommand& command);

/// "25.00" of a currency of this ledger, exactly. Errors: malformed `currency_unknown`,
/// `amount_malformed`, `amount_not_positive`.
Result<Money> read_amount(const PlatformHead& head, const std::string& amount,
                          const std::string& currency);

Result<pb::StaffRole> read_role(const std::string& name);

}  // namespace fl::cli

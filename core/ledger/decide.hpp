#pragma once

#include <variant>

#include "core/base/error.hpp"
#include "core/base/time.hpp"
#include "core/ledger/state.hpp"

namespace fl::ledger {

/// A command is a draft of its event: the origin and what the caller chose. The rules fill in the
/// rest.
struct Command {
  pb::LedgerEvent draft;
};

/// The command was carried out before: where its event stands.
struct Repeated {
  CommandRow row;
};

using Decision = std::variant<pb::LedgerEvent, Repeated>;

/// What the command does to this state at this time: an event to be appended, the place of the
/// event that it became before, or a refusal. Pure.
Result<Decision> decide(const State& state, Command command, Instant time);

/// Whether a command of this origin was carried out before: its row, nothing, or a refusal when the
/// id stands for another command.
Result<std::optional<CommandRow>> find_repetition(const State& state, const pb::Origin& origin);

}  // namespace fl::ledger

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "core/owner/command_gate.hpp"

namespace fl::nodes {

/// A command that somebody waits for.
struct WaitingCommand {
  std::string draft;  ///< encoded
  owner::Reply reply;
  owner::CommandGate::Deadline deadline;
  bool asked = false;       ///< an owner has it in hand, as far as is known
  bool maybe_done = false;  ///< one had, and did not say what came of it
};

/// The commands of a forwarder, and what is known of each. It asks nobody and reads no clock.
class WaitingCommands {
 public:
  using Deadline = owner::CommandGate::Deadline;

  void add(std::uint64_t id, WaitingCommand command);

  /// Calls with each that no owner has in hand, the oldest first: now one has.
  void ask_all(const std::function<void(std::uint64_t id, const WaitingCommand& command)>& ask);

  const WaitingCommand* asked(std::uint64_t id) const;  ///< null: nobody waits for its answer
  void again(std::uint64_t id, bool maybe_done);  ///< the owner did not carry it out, or maybe did
  void lose_all();  ///< the link is gone: what was in hand is maybe done

  WaitingCommand take(std::uint64_t id);  ///< it has its answer
  std::vector<WaitingCommand> take_expired(Deadline now);
  std::vector<WaitingCommand> take_all();

  std::optional<Deadline> next_deadline() const;

 private:
  std::map<std::uint64_t, WaitingCommand> all_;
  std::set<std::uint64_t> unasked_;
  std::set<std::pair<Deadline, std::uint64_t>> deadlines_;
};

}  // namespace fl::nodes

#include "api/nodes/waiting_commands.hpp"

namespace fl::nodes {

void WaitingCommands::add(std::uint64_t id, WaitingCommand command) {
  unasked_.insert(id);
  deadlines_.emplace(command.deadline, id);
  all_.emplace(id, std::move(command));
}

void WaitingCommands::ask_all(
    const std::function<void(std::uint64_t, const WaitingCommand&)>& ask) {
  const auto ids = std::exchange(unasked_, {});
  for (const auto id : ids) {
    auto& command = all_.at(id);
    command.asked = true;
    ask(id, command);
  }
}

const WaitingCommand* WaitingCommands::asked(std::uint64_t id) const {
  const auto found = all_.find(id);
  return found != all_.end() && found->second.asked ? &found->second : nullptr;
}

void WaitingCommands::again(std::uint64_t id, bool maybe_done) {
  auto& command = all_.at(id);
  command.asked = false;
  command.maybe_done |= maybe_done;
  unasked_.insert(id);
}

void WaitingCommands::lose_all() {
  for (auto& [id, command] : all_) {
    if (command.asked) again(id, true);
  }
}

WaitingCommand WaitingCommands::take(std::uint64_t id) {
  auto node = all_.extract(id);
  unasked_.erase(id);
  deadlines_.erase({node.mapped().deadline, id});
  return std::move(node.mapped());
}

std::vector<WaitingCommand> WaitingCommands::take_expired(Deadline now) {
  std::vector<WaitingCommand> out;
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    out.push_back(take(deadlines_.begin()->second));
  }
  return out;
}

std::vector<WaitingCommand> WaitingCommands::take_all() {
  return take_expired(Deadline::max());
}

std::optional<WaitingCommands::Deadline> WaitingCommands::next_deadline() const {
  if (deadlines_.empty()) return std::nullopt;
  return deadlines_.begin()->first;
}

}  // namespace fl::nodes

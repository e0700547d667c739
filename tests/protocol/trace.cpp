#include "tests/protocol/trace.hpp"

#include <fmt/format.h>

#include "tests/protocol/rule.hpp"

namespace fl::protocol {
namespace {

char owner_name(int who) {
  return static_cast<char>('A' + who);
}

std::string record_name(RecordId id) {
  if (id == kGenesis) return "genesis";
  return fmt::format("{}{}", owner_name(maker(id)), id & 15);
}

std::string command_name(int command) {
  return fmt::format("c{}", command);
}

std::string commands_in(std::uint8_t bits) {
  std::string names;
  for (int command = 0; command < kMaxCommands; ++command) {
    if ((bits >> command & 1) == 0) continue;
    if (!names.empty()) names += ' ';
    names += command_name(command);
  }
  return names.empty() ? "nothing" : names;
}

std::string content(const Record& record) {
  if (record.kind == Kind::fence) {
    return fmt::format("fence {} (epoch {})", record_name(record.id), record.epoch);
  }
  return fmt::format("batch {} (epoch {}, seq {}, on {}: {})", record_name(record.id), record.epoch,
                     record.seq, record_name(record.prev), commands_in(record.commands));
}

std::string request_name(const Setup& setup, int request) {
  const auto& asks = setup.requests[static_cast<std::size_t>(request)];
  if (asks.asks == Asks::balance) return fmt::format("request {} (balance)", request);
  return fmt::format("request {} (command {}, {:+})", request, command_name(asks.command),
                     setup.amounts[static_cast<std::size_t>(asks.command)]);
}

std::string last_sent(const Owner& owner) {
  return content(owner.sent[static_cast<std::size_t>(owner.pending - 1)]);
}

std::string doing(const Setup& setup, const World& before, const Step& step, const World& after) {
  const auto name = owner_name(step.who);
  const auto& owner = before.owners[step.who];
  const auto& now = after.owners[step.who];
  switch (step.act) {
    case Act::ask:
      return fmt::format("a client makes {} of {}", request_name(setup, step.what), name);
    case Act::fence:
      return fmt::format("{} appends {}, having read {} records", name, last_sent(now),
                         owner.confirmed.offset);
    case Act::decide:
      return now.made == owner.made ? fmt::format("{} decides its queue", name)
                                    : fmt::format("{} decides, appends {}", name, last_sent(now));
    case Act::read: {
      const auto& record = before.log[owner.confirmed.offset];
      return fmt::format("{} reads offset {}: {}, {}", name, owner.confirmed.offset,
                         content(record),
                         valid(setup.variant, owner.confirmed, record) ? "valid" : "void");
    }
    case Act::report:
      return fmt::format("{} hears that {} is appended, having read {} records", name,
                         content(owner.sent[step.what]), owner.confirmed.offset);
    case Act::give_up:
      return fmt::format("{} gives up waiting", name);
    case Act::crash:
      return fmt::format("{} crashes, is at {} records again", name, now.confirmed.offset);
    case Act::save:
      return fmt::format("{} saves a snapshot at {} records, with {} carried out", name,
                         now.snapshot.offset, commands_in(carried_out(now.snapshot)));
    case Act::deliver:
    case Act::copy:
    case Act::stray:
    case Act::stray_copy:
      return "the network delivers";
    case Act::drop: {
      const auto& lost = owner.sent[static_cast<std::size_t>(owner.pending - owner.flying)];
      return fmt::format("the network loses {}", content(lost));
    }
  }
  return {};
}

std::string consequences(const Setup& setup, const Step& step, const World& before,
                         const World& after, const Happened& happened) {
  std::string text;
  if (happened.landed) {
    const bool late = step.act == Act::stray || step.act == Act::stray_copy;
    const bool copied = step.act == Act::copy || step.act == Act::stray_copy;
    text += fmt::format(" {}{}{} at offset {}: {}", late ? "late " : "", content(happened.record),
                        copied ? ", and keeps a copy," : "", after.length - 1,
                        happened.landed_valid ? "valid" : "void");
    if (happened.landed_valid && happened.record.kind == Kind::batch) {
      text += fmt::format(", balance {}", balance(setup, after.truth));
    }
  }
  const auto was = before.owners[step.who].mode;
  const auto is = after.owners[step.who].mode;
  if (was != is && is == Mode::serving) text += "; it serves";
  if (was != is && is == Mode::following && step.act != Act::crash) text += "; it steps down";
  for (const auto& answer : happened.answers) {
    text += fmt::format("\n       answer to {}: ", request_name(setup, answer.request));
    switch (answer.asked.outcome) {
      case Outcome::carried_out:
        text += fmt::format("carried out, as batch {}", answer.asked.detail - 1);
        break;
      case Outcome::refused:
        text += "refused";
        break;
      case Outcome::balance:
        text += fmt::format("the balance after {}", commands_in(answer.asked.detail));
        break;
      case Outcome::unknown:
      case Outcome::undecided:
        text += "unknown";
        break;
    }
  }
  return text;
}

}  // namespace

std::string summary(const Setup& setup, const Exploration& found) {
  const char* end = found.broken != nullptr ? "broken"
                    : found.exhausted       ? "all of them"
                                            : "cut off";
  return fmt::format("{}, {} owners: {} states, {} steps, {} deep, {}", setup.variant.name,
                     setup.owners, found.states, found.steps, found.depth, end);
}

std::string told(const Setup& setup, const Exploration& found) {
  std::string text = fmt::format("{}\n", setup.variant.name);
  World world;
  Happened happened;
  int line = 0;
  for (const auto& step : found.trace) {
    const World before = world;
    take(setup, world, step, happened);
    text += fmt::format("  {:>3}  {}{}\n", ++line, doing(setup, before, step, world),
                        consequences(setup, step, before, world, happened));
  }
  if (found.broken != nullptr) text += fmt::format("  broken: {}\n", found.broken);
  return text;
}

}  // namespace fl::protocol

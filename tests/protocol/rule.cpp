#include "tests/protocol/rule.hpp"

namespace fl::protocol {

bool valid(const Variant& variant, const Chain& at, const Record& record) {
  if (record.kind == Kind::fence) return record.epoch == at.epoch + 1;
  return (variant.without_epoch || record.epoch == at.epoch) &&
         (variant.without_batch_seq || record.seq == at.seq) &&
         (variant.without_prev_head || record.prev == at.head);
}

void advance(Chain& at, const Record& record) {
  at.head = record.id;
  if (record.kind == Kind::fence) {
    at.epoch = record.epoch;
    return;
  }
  ++at.seq;
  for (std::size_t command = 0; command < kMaxCommands; ++command) {
    if ((record.commands >> command & 1) != 0) at.place[command] = at.seq;
  }
}

bool surely_void(const Variant& variant, const Chain& at, const Record& record) {
  if (record.kind == Kind::fence) return record.epoch <= at.epoch;
  return (!variant.without_epoch && record.epoch < at.epoch) ||
         (!variant.without_batch_seq && record.seq < at.seq);
}

int balance(const Setup& setup, const Chain& at) {
  int sum = setup.opening_balance;
  for (std::size_t command = 0; command < kMaxCommands; ++command) {
    if (at.place[command] != 0) sum += setup.amounts[command];
  }
  return sum;
}

bool carried_out(const Chain& at, int command) {
  return at.place[static_cast<std::size_t>(command)] != 0;
}

std::uint8_t carried_out(const Chain& at) {
  unsigned bits = 0;
  for (std::size_t command = 0; command < kMaxCommands; ++command) {
    if (at.place[command] != 0) bits |= 1U << command;
  }
  return static_cast<std::uint8_t>(bits);
}

Decision decide(const Setup& setup, const Chain& at, int command) {
  if (carried_out(at, command)) return Decision::repeated;
  const auto left = balance(setup, at) + setup.amounts[static_cast<std::size_t>(command)];
  return left < 0 ? Decision::refused : Decision::accepted;
}

}  // namespace fl::protocol

#pragma once

#include "tests/protocol/world.hpp"

namespace fl::protocol {

/// The reader's rule: whether `record` is valid behind the prefix that `at` stands for.
bool valid(const Variant& variant, const Chain& at, const Record& record);

/// Moves over a valid record, but for the offset: a reader also passes over void ones.
void advance(Chain& at, const Record& record);

/// Whether no reader can ever find it valid that has read as far as `at`.
bool surely_void(const Variant& variant, const Chain& at, const Record& record);

int balance(const Setup& setup, const Chain& at);
bool carried_out(const Chain& at, int command);
/// Which commands have been carried out, a bit each.
std::uint8_t carried_out(const Chain& at);

/// What the ledger decides of a command at that state.
enum class Decision { repeated, accepted, refused };
Decision decide(const Setup& setup, const Chain& at, int command);

}  // namespace fl::protocol

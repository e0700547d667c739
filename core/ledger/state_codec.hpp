#pragma once

#include <functional>
#include <string_view>

#include "core/base/sha256.hpp"
#include "core/ledger/state.hpp"

namespace fl::ledger {

/// The tables of the state, by the byte that stands for them in a snapshot. Never reused.
enum class TableTag : std::uint8_t {
  meta = 1,
  account = 2,
  username = 3,
  email = 4,
  balance = 5,
  media = 6,
  post = 7,
  purchase = 8,
  subscription = 9,
  staff_key = 10,
  command = 11,
};

using RowSink = std::function<void(TableTag, std::string_view key, std::string_view row)>;

/// Gives what changed since the last call, and forgets that it changed.
void drain_changes(State& state, const RowSink& sink);

/// Gives every row.
void for_each_row(const State& state, const RowSink& sink);

/// Puts a row back. False when it cannot be read.
bool restore_row(State& state, TableTag tag, std::string_view key, std::string_view row);

/// A digest of the whole state, whatever the order in which it came about.
Digest state_digest(const State& state);

}  // namespace fl::ledger

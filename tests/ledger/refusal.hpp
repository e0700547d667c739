#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <string>
#include <vector>

#include "core/ledger/state_codec.hpp"
#include "tests/ledger/world.hpp"

namespace fl::test {

/// Given a world, when this command comes, then this refusal, and nothing has changed.
struct Refusal {
  using Command = std::function<pb::LedgerEvent(World&)>;
  std::string name;
  ErrorClass kind;
  const char* code;
  std::string field;
  Command command;  ///< may add to what is given
};

inline void check_refusals(const std::function<World()>& given, const std::vector<Refusal>& rows) {
  for (const auto& row : rows) {
    CAPTURE(row.name);
    auto world = given();
    const auto command = row.command(world);
    const auto before = ledger::state_digest(world.state);
    const auto event = world.when(command);
    REQUIRE_FALSE(event);
    CHECK(event.error().code == row.code);
    CHECK(event.error().kind == row.kind);
    CHECK(event.error().field == row.field);
    CHECK_FALSE(event.error().message.empty());
    CHECK(ledger::state_digest(world.state) == before);
  }
}

/// A draft, altered.
template <class Spoil>
pb::LedgerEvent with(pb::LedgerEvent event, Spoil spoil) {
  spoil(event);
  return event;
}

/// The command of a row: this draft, as it is or altered.
inline Refusal::Command sending(pb::LedgerEvent draft) {
  return [draft = std::move(draft)](World&) { return draft; };
}
template <class Spoil>
Refusal::Command sending(pb::LedgerEvent draft, Spoil spoil) {
  spoil(draft);
  return sending(std::move(draft));
}
/// The same, when this was given too.
inline Refusal::Command after(std::function<void(World&)> given, pb::LedgerEvent draft) {
  return [given = std::move(given), draft = std::move(draft)](World& world) {
    given(world);
    return draft;
  };
}

/// The postings of an event, to be compared.
inline std::vector<ledger::PostingLine> lines_of(const pb::LedgerEvent& event) {
  return ledger::read_postings(event).value();
}

}  // namespace fl::test

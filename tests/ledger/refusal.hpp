#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <initializer_list>

#include "core/ledger/state_codec.hpp"
#include "tests/ledger/world.hpp"

namespace fl::test {

/// Given a world, when this command comes, then this refusal, and nothing has changed.
struct Refusal {
  std::string name;
  ErrorClass kind;
  const char* code;
  const char* field;
  std::function<pb::LedgerEvent(World&)> command;  ///< may add to what is given
};

inline void check_refusals(const std::function<World()>& given,
                           std::initializer_list<Refusal> rows) {
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

/// The postings of an event, to be compared.
inline std::vector<ledger::PostingLine> lines_of(const pb::LedgerEvent& event) {
  return ledger::read_postings(event).value();
}

}  // namespace fl::test

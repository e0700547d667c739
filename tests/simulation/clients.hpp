#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "tests/ledger/world.hpp"
#include "tests/simulation/chance.hpp"
#include "tests/simulation/oracle.hpp"

namespace fl::sim {

/// The log that every run begins with: two creators who sell, and three fans with little money.
const std::vector<std::string>& furnished();

/// What people want of a small world in which they get into each other's way: wallets run dry, user
/// names are wanted by several, posts are bought twice; and who got no answer asks again.
class Clients {
 public:
  Clients(Chance& chance, Coverage& coverage) : chance_(chance), coverage_(coverage) {}

  /// A command, new or sent before. `head`: what staff sign over.
  pb::LedgerEvent next(const owner::LedgerHead& head, Instant now);
  /// One that nothing refuses.
  pb::LedgerEvent harmless();

  /// It got no answer that it could rest on: it is sent again some time.
  void leave_open(const pb::LedgerEvent& draft) { open_.push_back(draft); }
  bool has_open() const { return !open_.empty(); }
  pb::LedgerEvent take_open();
  void settled(const pb::LedgerEvent& draft);

 private:
  pb::LedgerEvent fresh(const owner::LedgerHead& head, Instant now);
  pb::LedgerEvent deposit(const owner::LedgerHead& head, Instant now);
  pb::LedgerEvent other_body(pb::LedgerEvent draft);
  std::string next_id() { return "c" + std::to_string(ids_++); }

  Chance& chance_;
  Coverage& coverage_;
  std::uint64_t ids_ = 0;
  std::deque<pb::LedgerEvent> open_;
  std::deque<pb::LedgerEvent> settled_;  ///< the latest
};

}  // namespace fl::sim

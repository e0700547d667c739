#pragma once

#include <cstdlib>
#include <cstring>

#include "tests/protocol/checker.hpp"
#include "tests/protocol/variant.hpp"

namespace fl::protocol {

inline bool asked_for(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && std::strcmp(value, "1") == 0;
}

inline Request command(int number, int after = -1) {
  return {Asks::command, number, after};
}
inline Request the_balance(int after = -1) {
  return {Asks::balance, 0, after};
}

/// Two spends of a balance that suffices for one. They are alike, so the first comes first.
inline Setup two_spends() {
  Setup setup;
  setup.requests = {command(0), command(1, 0)};
  return setup;
}

/// The same, and the first once more with its command id, of any owner.
inline Setup two_spends_and_a_retry() {
  auto setup = two_spends();
  setup.requests = {command(0), command(1), command(0, 0)};
  return setup;
}

inline Setup two_spends_and_a_balance() {
  auto setup = two_spends();
  setup.requests.push_back(the_balance());
  return setup;
}

/// Nothing to begin with: a spend must be refused until the deposit, and one after it.
inline Setup deposit_and_two_spends() {
  Setup setup;
  setup.opening_balance = 0;
  setup.amounts = {1, -1, -1};
  setup.requests = {command(0), command(1), command(2, 1)};
  return setup;
}

}  // namespace fl::protocol

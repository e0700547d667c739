#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace fl::test {

/// The seed of a random test: FANLEDGER_SEED where given, else a fresh one. Printed, so that a
/// failure can be run again.
inline std::uint64_t seed(const char* test) {
  const char* given = std::getenv("FANLEDGER_SEED");
  const std::uint64_t value = given ? std::strtoull(given, nullptr, 10) : std::random_device{}();
  std::fprintf(stderr, "%s: FANLEDGER_SEED=%llu\n", test, static_cast<unsigned long long>(value));
  return value;
}

}  // namespace fl::test

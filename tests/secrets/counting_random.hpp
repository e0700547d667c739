#pragma once

#include "core/secrets/random.hpp"

/// Bytes that count upwards: known to the test, and never twice the same.
class CountingRandom final : public fl::secrets::RandomSource {
 public:
  explicit CountingRandom(std::uint8_t first = 0) : next_(first) {}
  void fill(std::span<std::uint8_t> out) override {
    for (auto& byte : out) byte = next_++;
  }

 private:
  std::uint8_t next_;
};

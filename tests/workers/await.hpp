#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

namespace fl::tests {

template <class Condition>
void await(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    REQUIRE(std::chrono::steady_clock::now() < deadline);
    std::this_thread::sleep_for(std::chrono::milliseconds(2));  // between looks
  }
}

}  // namespace fl::tests

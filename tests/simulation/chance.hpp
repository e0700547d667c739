#pragma once

#include <cstdint>
#include <random>
#include <string>

namespace fl::sim {

/// All that is random in a run, from one seed.
class Chance {
 public:
  explicit Chance(std::uint64_t seed) : random_(seed) {}

  std::size_t below(std::size_t n) { return random_() % n; }
  std::size_t between(std::size_t least, std::size_t most) {
    return least + below(most - least + 1);
  }
  bool per_mille(std::size_t n) { return below(1000) < n; }

  std::string bytes(std::size_t n) {
    std::string out;
    while (out.size() < n) out.push_back(static_cast<char>(random_() & 0xff));
    return out;
  }

 private:
  std::mt19937_64 random_;
};

}  // namespace fl::sim

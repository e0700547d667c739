#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace fl::secrets {

/// Where keys, nonces and tokens come from. A port, so that a test can give known bytes.
/// Implementations are thread-safe.
class RandomSource {
 public:
  virtual ~RandomSource() = default;
  virtual void fill(std::span<std::uint8_t> out) = 0;
  std::string bytes(std::size_t size);
};

/// The operating system's generator, through libsodium. The only one outside tests.
class SystemRandom final : public RandomSource {
 public:
  SystemRandom();
  void fill(std::span<std::uint8_t> out) override;
};

}  // namespace fl::secrets

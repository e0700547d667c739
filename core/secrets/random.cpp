#include "core/secrets/random.hpp"

#include <sodium.h>

#include "core/base/assert.hpp"

namespace fl::secrets {

std::string RandomSource::bytes(std::size_t size) {
  std::string out(size, '\0');
  fill({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  return out;
}

SystemRandom::SystemRandom() {
  FL_ASSERT(sodium_init() >= 0);
}

void SystemRandom::fill(std::span<std::uint8_t> out) {
  randombytes_buf(out.data(), out.size());
}

}  // namespace fl::secrets

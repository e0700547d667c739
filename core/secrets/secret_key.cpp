#include "core/secrets/secret_key.hpp"

#include <sodium.h>

#include <cstring>

#include "core/base/assert.hpp"

namespace fl::secrets {

SecretKey SecretKey::random(RandomSource& random) {
  SecretKey key;
  random.fill(key.bytes_);
  return key;
}

SecretKey SecretKey::from(std::string_view raw) {
  FL_ASSERT(raw.size() == kSize);
  SecretKey key;
  std::memcpy(key.bytes_.data(), raw.data(), kSize);
  return key;
}

SecretKey::~SecretKey() {
  sodium_memzero(bytes_.data(), bytes_.size());
}

SecretKey::SecretKey(SecretKey&& other) noexcept : bytes_(other.bytes_) {
  sodium_memzero(other.bytes_.data(), other.bytes_.size());
}

SecretKey& SecretKey::operator=(SecretKey&& other) noexcept {
  if (this != &other) {
    bytes_ = other.bytes_;
    sodium_memzero(other.bytes_.data(), other.bytes_.size());
  }
  return *this;
}

void wipe(std::string& text) {
  text.resize(text.capacity());  // no reallocation: all that this buffer ever held goes
  sodium_memzero(text.data(), text.size());
  text.clear();
}

}  // namespace fl::secrets

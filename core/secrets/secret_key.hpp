#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "core/secrets/random.hpp"

namespace fl::secrets {

/// 32 bytes that must not leak: wiped when it goes, moved but never copied, and without any way to
/// print it. `view()` is for the cipher or the HMAC, and ends with this object.
class SecretKey {
 public:
  static constexpr std::size_t kSize = 32;

  static SecretKey random(RandomSource& random);
  /// From exactly 32 bytes (asserted: check the size of what came from outside first).
  static SecretKey from(std::string_view raw);

  ~SecretKey();
  SecretKey(SecretKey&& other) noexcept;
  SecretKey& operator=(SecretKey&& other) noexcept;
  SecretKey(const SecretKey&) = delete;
  SecretKey& operator=(const SecretKey&) = delete;

  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes_.data()), bytes_.size()};
  }

 private:
  SecretKey() = default;
  std::array<std::uint8_t, kSize> bytes_{};
};

/// Overwrites the string in a way that no optimiser removes, and empties it.
void wipe(std::string& text);

/// A string of a secret on its way somewhere: wiped at the end of the scope, whichever way out.
class WipedString {
 public:
  explicit WipedString(std::string secret = {}) : text(std::move(secret)) {}
  ~WipedString() { wipe(text); }
  WipedString(const WipedString&) = delete;
  WipedString& operator=(const WipedString&) = delete;
  std::string text;
};

}  // namespace fl::secrets

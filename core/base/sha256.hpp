#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace fl {

/// 32 bytes: a SHA-256 digest or an HMAC-SHA-256.
struct Digest {
  std::array<std::uint8_t, 32> bytes{};

  auto operator<=>(const Digest&) const = default;
  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  std::string str() const { return std::string(view()); }
  bool is_zero() const { return *this == Digest{}; }
  /// From exactly 32 bytes; any other length gives the zero digest, which no input hashes to.
  static Digest from(std::string_view raw);
};

/// SHA-256 over the parts, one after the other.
Digest sha256(std::initializer_list<std::string_view> parts);
inline Digest sha256(std::string_view bytes) {
  return sha256({bytes});
}

/// HMAC-SHA-256 over the parts, one after the other.
Digest hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts);

/// Streaming SHA-256, for what does not fit in memory.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  void update(std::string_view bytes);
  Digest finish();  ///< ends this digest; the object then starts anew

 private:
  void* context_;
};

/// Comparison in a time that depends on the lengths alone.
bool equal_constant_time(std::string_view a, std::string_view b);

struct DigestHash {
  std::size_t operator()(const Digest& digest) const;
};

}  // namespace fl

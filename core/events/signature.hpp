#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/base/ids.hpp"

namespace fl::events {

/// Ed25519 (RFC 8032). Verification is deterministic and refuses what is not canonical.
inline constexpr std::size_t kPublicKeyBytes = 32;
inline constexpr std::size_t kSecretSeedBytes = 32;
inline constexpr std::size_t kSignatureBytes = 64;

/// Every signature is over `domain ‖ 0x00 ‖ message`, so that what is signed for one purpose means
/// nothing for another.
inline constexpr std::string_view kStaffCommandDomain = "fanledger staff command v1";

std::string sign(std::string_view seed, std::string_view domain, std::string_view message);
bool verify(std::string_view public_key, std::string_view domain, std::string_view message,
            std::string_view signature);
std::string public_key_of(std::string_view seed);

/// The first 16 bytes of SHA-256 of the public key.
KeyId key_id_of(std::string_view public_key);

}  // namespace fl::events

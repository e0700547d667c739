#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/secrets/secret_key.hpp"

namespace fl::secrets {

inline constexpr std::size_t kNonceBytes = 12;
inline constexpr std::size_t kTagBytes = 16;

/// AES-256-GCM: the ciphertext with its tag behind it. One nonce is used once under one key.
std::string aes_gcm_encrypt(const SecretKey& key, std::string_view nonce,
                            std::string_view associated, std::string_view plain);

/// Nothing when key, nonce, associated data or ciphertext is not what it was.
std::optional<std::string> aes_gcm_decrypt(const SecretKey& key, std::string_view nonce,
                                           std::string_view associated,
                                           std::string_view ciphertext);

}  // namespace fl::secrets

#pragma once

#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/base/ids.hpp"
#include "core/secrets/random.hpp"
#include "core/secrets/secret_key.hpp"
#include "schemas/sealed.pb.h"

namespace fl::secrets {

/// The longest text that may be sealed, in bytes.
inline constexpr std::size_t kMaxSealedText = 64 * 1024;

/// Seals a person's text under the person's key: AES-256-GCM, a fresh nonce, and as associated data
/// "fanledger sealed v1" 0x00, the field's name, 0x00 and the 16 bytes of the subject. So a text
/// cannot be moved to another field or another person. Field names are ours, e.g. "post.caption".
/// Error: malformed `text_too_long` in `field`.
Result<fanledger::v1::Sealed> seal(const SecretKey& key, const AccountId& subject,
                                   std::string_view field, std::string_view text,
                                   RandomSource& random);

/// The text again. Error: refused `sealed_text_damaged` when the key, the field, the subject or any
/// byte is not the one that it was sealed with; the reason cannot be told apart.
Result<std::string> open(const SecretKey& key, const fanledger::v1::Sealed& sealed,
                         std::string_view field);

}  // namespace fl::secrets

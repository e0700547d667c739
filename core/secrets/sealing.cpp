#include "core/secrets/sealing.hpp"

#include <fmt/format.h>

#include "core/secrets/aes_gcm.hpp"

namespace fl::secrets {
namespace {

std::string associated_data(std::string_view field, std::string_view subject) {
  std::string out("fanledger sealed v1");
  out.push_back('\0');
  out.append(field);
  out.push_back('\0');
  out.append(subject);
  return out;
}

}  // namespace

Result<fanledger::v1::Sealed> seal(const SecretKey& key, const AccountId& subject,
                                   std::string_view field, std::string_view text,
                                   RandomSource& random) {
  if (text.size() > kMaxSealedText) {
    return fail(ErrorClass::malformed, "text_too_long", std::string(field),
                fmt::format("A text may have at most {} bytes.", kMaxSealedText));
  }
  fanledger::v1::Sealed sealed;
  sealed.set_subject(subject.raw());
  sealed.set_nonce(random.bytes(kNonceBytes));
  sealed.set_ciphertext(
      aes_gcm_encrypt(key, sealed.nonce(), associated_data(field, subject.view()), text));
  return sealed;
}

Result<std::string> open(const SecretKey& key, const fanledger::v1::Sealed& sealed,
                         std::string_view field) {
  if (sealed.subject().size() == 16 && sealed.ciphertext().size() <= kMaxSealedText + kTagBytes) {
    auto text = aes_gcm_decrypt(key, sealed.nonce(), associated_data(field, sealed.subject()),
                                sealed.ciphertext());
    if (text) return std::move(*text);
  }
  return fail(ErrorClass::refused, "sealed_text_damaged", std::string(field),
              "The sealed text does not open with this key in this field.");
}

}  // namespace fl::secrets

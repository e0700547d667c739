#include "core/events/signature.hpp"

#include <sodium.h>

#include "core/base/assert.hpp"

namespace fl::events {
namespace {

static_assert(kPublicKeyBytes == crypto_sign_PUBLICKEYBYTES);
static_assert(kSecretSeedBytes == crypto_sign_SEEDBYTES);
static_assert(kSignatureBytes == crypto_sign_BYTES);

const unsigned char* octets(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string framed(std::string_view domain, std::string_view message) {
  std::string out(domain);
  out.push_back('\0');
  return out.append(message);
}

}  // namespace

std::string sign(std::string_view seed, std::string_view domain, std::string_view message) {
  FL_ASSERT(seed.size() == kSecretSeedBytes);
  unsigned char public_key[crypto_sign_PUBLICKEYBYTES];
  unsigned char secret[crypto_sign_SECRETKEYBYTES];
  crypto_sign_seed_keypair(public_key, secret, octets(seed));
  std::string signature(kSignatureBytes, '\0');
  const auto text = framed(domain, message);
  crypto_sign_detached(reinterpret_cast<unsigned char*>(signature.data()), nullptr, octets(text),
                       text.size(), secret);
  sodium_memzero(secret, sizeof secret);
  return signature;
}

bool verify(std::string_view public_key, std::string_view domain, std::string_view message,
            std::string_view signature) {
  if (public_key.size() != kPublicKeyBytes || signature.size() != kSignatureBytes) return false;
  const auto text = framed(domain, message);
  return crypto_sign_verify_detached(octets(signature), octets(text), text.size(),
                                     octets(public_key)) == 0;
}

std::string public_key_of(std::string_view seed) {
  FL_ASSERT(seed.size() == kSecretSeedBytes);
  std::string public_key(kPublicKeyBytes, '\0');
  unsigned char secret[crypto_sign_SECRETKEYBYTES];
  crypto_sign_seed_keypair(reinterpret_cast<unsigned char*>(public_key.data()), secret,
                           octets(seed));
  sodium_memzero(secret, sizeof secret);
  return public_key;
}

KeyId key_id_of(std::string_view public_key) {
  return KeyId::from_digest(sha256(public_key));
}

}  // namespace fl::events

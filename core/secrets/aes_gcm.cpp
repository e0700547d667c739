#include "core/secrets/aes_gcm.hpp"

#include <openssl/evp.h>

#include <memory>

#include "core/base/assert.hpp"

namespace fl::secrets {
namespace {

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const EVP_CIPHER* algorithm() {
  static EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  FL_ASSERT(cipher != nullptr);
  return cipher;
}

const unsigned char* in(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* out(std::string& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

}  // namespace

std::string aes_gcm_encrypt(const SecretKey& key, std::string_view nonce,
                            std::string_view associated, std::string_view plain) {
  FL_ASSERT(nonce.size() == kNonceBytes);
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string result(plain.size() + kTagBytes, '\0');
  int written = 0;
  FL_ASSERT(EVP_EncryptInit_ex2(context.get(), algorithm(), in(key.view()), in(nonce), nullptr) ==
            1);
  FL_ASSERT(EVP_EncryptUpdate(context.get(), nullptr, &written, in(associated),
                              static_cast<int>(associated.size())) == 1);
  FL_ASSERT(EVP_EncryptUpdate(context.get(), out(result), &written, in(plain),
                              static_cast<int>(plain.size())) == 1);
  FL_ASSERT(static_cast<std::size_t>(written) == plain.size());
  FL_ASSERT(EVP_EncryptFinal_ex(context.get(), out(result) + plain.size(), &written) == 1);
  FL_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                                out(result) + plain.size()) == 1);
  return result;
}

std::optional<std::string> aes_gcm_decrypt(const SecretKey& key, std::string_view nonce,
                                           std::string_view associated,
                                           std::string_view ciphertext) {
  if (nonce.size() != kNonceBytes || ciphertext.size() < kTagBytes) return std::nullopt;
  const auto body = ciphertext.substr(0, ciphertext.size() - kTagBytes);
  std::string tag(ciphertext.substr(body.size()));
  const Context context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
  std::string plain(body.size(), '\0');
  int written = 0;
  FL_ASSERT(EVP_DecryptInit_ex2(context.get(), algorithm(), in(key.view()), in(nonce), nullptr) ==
            1);
  FL_ASSERT(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1);
  FL_ASSERT(EVP_DecryptUpdate(context.get(), nullptr, &written, in(associated),
                              static_cast<int>(associated.size())) == 1);
  FL_ASSERT(EVP_DecryptUpdate(context.get(), out(plain), &written, in(body),
                              static_cast<int>(body.size())) == 1);
  unsigned char none[kTagBytes];  // GCM leaves nothing for the end: only the verdict comes here
  if (EVP_DecryptFinal_ex(context.get(), none, &written) != 1) {
    wipe(plain);
    return std::nullopt;
  }
  return plain;
}

}  // namespace fl::secrets

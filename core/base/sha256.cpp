#include "core/base/sha256.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <cstring>
#include <utility>

#include "core/base/assert.hpp"

namespace fl {
namespace {

const EVP_MD* algorithm() {
  // Fetched once: an implicit fetch at each digest costs more than the digest.
  static EVP_MD* const md = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  FL_ASSERT(md != nullptr);
  return md;
}

EVP_MD_CTX* as_context(void* p) {
  return static_cast<EVP_MD_CTX*>(p);
}

struct ThreadContext {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  ~ThreadContext() { EVP_MD_CTX_free(context); }
};

}  // namespace

Digest Digest::from(std::string_view raw) {
  Digest digest;
  if (raw.size() == digest.bytes.size()) std::memcpy(digest.bytes.data(), raw.data(), raw.size());
  return digest;
}

Digest sha256(std::initializer_list<std::string_view> parts) {
  thread_local ThreadContext local;
  Digest digest;
  FL_ASSERT(EVP_DigestInit_ex2(local.context, algorithm(), nullptr) == 1);
  for (auto part : parts) EVP_DigestUpdate(local.context, part.data(), part.size());
  FL_ASSERT(EVP_DigestFinal_ex(local.context, digest.bytes.data(), nullptr) == 1);
  return digest;
}

Digest hmac_sha256(std::string_view key, std::initializer_list<std::string_view> parts) {
  std::array<char, 64> inner{};
  std::array<char, 64> outer{};
  std::string block(key.size() > 64 ? sha256(key).str() : std::string(key));
  block.resize(64, '\0');
  for (std::size_t i = 0; i < 64; ++i) {
    inner[i] = static_cast<char>(block[i] ^ 0x36);
    outer[i] = static_cast<char>(block[i] ^ 0x5c);
  }
  Sha256 hash;
  hash.update({inner.data(), inner.size()});
  for (auto part : parts) hash.update(part);
  const Digest middle = hash.finish();
  return sha256({std::string_view(outer.data(), outer.size()), middle.view()});
}

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
  FL_ASSERT(EVP_DigestInit_ex2(as_context(context_), algorithm(), nullptr) == 1);
}
Sha256::~Sha256() {
  EVP_MD_CTX_free(as_context(context_));
}
Sha256::Sha256(Sha256&& other) noexcept : context_(std::exchange(other.context_, nullptr)) {}
Sha256& Sha256::operator=(Sha256&& other) noexcept {
  std::swap(context_, other.context_);
  return *this;
}
void Sha256::update(std::string_view bytes) {
  EVP_DigestUpdate(as_context(context_), bytes.data(), bytes.size());
}
Digest Sha256::finish() {
  Digest digest;
  FL_ASSERT(EVP_DigestFinal_ex(as_context(context_), digest.bytes.data(), nullptr) == 1);
  FL_ASSERT(EVP_DigestInit_ex2(as_context(context_), algorithm(), nullptr) == 1);
  return digest;
}

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::size_t DigestHash::operator()(const Digest& digest) const {
  std::size_t value;
  std::memcpy(&value, digest.bytes.data(), sizeof value);
  return value;
}

}  // namespace fl

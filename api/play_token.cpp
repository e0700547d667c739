#include "api/play_token.hpp"

#include "core/base/encoding.hpp"

namespace fl::api {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kMacBytes = 16;

std::string mac(const secrets::SecretKey& key, std::string_view payload) {
  return hmac_sha256(key.view(), {"fanledger play v1", payload}).str().substr(0, kMacBytes);
}

}  // namespace

std::string PlayToken::sign(const secrets::Keyring& keyring) const {
  std::string payload;
  put_u8(payload, kVersion);
  put_u32(payload, keyring.address_key_id());
  payload.append(post.view()).append(viewer.view());
  put_i64(payload, expires.ms);
  return to_base64url(payload + mac(keyring.address(), payload));
}

std::optional<PlayToken> PlayToken::verify(const secrets::Keyring& keyring, std::string_view text) {
  const auto bytes = from_base64url(text);
  if (!bytes || bytes->size() < kMacBytes) return std::nullopt;
  const auto payload = std::string_view(*bytes).substr(0, bytes->size() - kMacBytes);
  BinaryReader in(payload);
  PlayToken token;
  if (in.u8() != kVersion) return std::nullopt;
  const auto* key = keyring.address(in.u32());
  token.post = PostId::from_raw(in.raw(16));
  token.viewer = AccountId::from_raw(in.raw(16));
  token.expires = {in.i64()};
  if (!in.done() || key == nullptr) return std::nullopt;
  if (!equal_constant_time(mac(*key, payload), std::string_view(*bytes).substr(payload.size()))) {
    return std::nullopt;
  }
  return token;
}

}  // namespace fl::api

#include "core/events/signature.hpp"

#include <doctest/doctest.h>
#include <sodium.h>

#include "core/base/encoding.hpp"

using namespace fl;

namespace {
const std::string kSeed =
    *from_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
constexpr std::string_view kDomain = events::kStaffCommandDomain;

std::string with_bit_flipped(std::string bytes, std::size_t bit) {
  bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
  return bytes;
}
}  // namespace

TEST_CASE("the public key of RFC 8032's first seed is the one printed there") {
  CHECK(to_hex(events::public_key_of(kSeed)) ==
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
}

TEST_CASE("what is signed verifies, and signing again gives the same bytes") {
  for (const auto& message : {std::string(), std::string("a"), std::string(5000, '\0')}) {
    const auto signature = events::sign(kSeed, kDomain, message);
    CHECK(signature.size() == events::kSignatureBytes);
    CHECK(events::verify(events::public_key_of(kSeed), kDomain, message, signature));
    CHECK(events::sign(kSeed, kDomain, message) == signature);
  }
}

TEST_CASE("a signature is plain Ed25519 over domain, one zero byte, message") {
  const std::string text = std::string(kDomain) + '\0' + "pay";
  const auto key = events::public_key_of(kSeed);
  const auto bytes = [](const std::string& s) {
    return reinterpret_cast<const unsigned char*>(s.data());
  };
  const auto signature = events::sign(kSeed, kDomain, "pay");
  CHECK(crypto_sign_verify_detached(bytes(signature), bytes(text), text.size(), bytes(key)) == 0);
}

TEST_CASE("one altered bit of message, signature, key or domain is refused") {
  const std::string message = "deposit 100 USD";
  const std::string domain(kDomain);
  const auto key = events::public_key_of(kSeed);
  const auto signature = events::sign(kSeed, domain, message);
  REQUIRE(events::verify(key, domain, message, signature));
  for (std::size_t bit = 0; bit < message.size() * 8; ++bit) {
    CHECK_FALSE(events::verify(key, domain, with_bit_flipped(message, bit), signature));
  }
  for (std::size_t bit = 0; bit < signature.size() * 8; ++bit) {
    CHECK_FALSE(events::verify(key, domain, message, with_bit_flipped(signature, bit)));
  }
  for (std::size_t bit = 0; bit < key.size() * 8; ++bit) {
    CHECK_FALSE(events::verify(with_bit_flipped(key, bit), domain, message, signature));
  }
  for (std::size_t bit = 0; bit < domain.size() * 8; ++bit) {
    CHECK_FALSE(events::verify(key, with_bit_flipped(domain, bit), message, signature));
  }
}

TEST_CASE("the border between domain and message is part of what is signed") {
  const auto key = events::public_key_of(kSeed);
  const auto signature = events::sign(kSeed, "fanledger a", "bc");
  CHECK_FALSE(events::verify(key, "fanledger ab", "c", signature));
  CHECK_FALSE(events::verify(key, "fanledger ", "abc", signature));
}

TEST_CASE("keys and signatures of a wrong length are refused, not read beyond") {
  const auto key = events::public_key_of(kSeed);
  const auto signature = events::sign(kSeed, kDomain, "m");
  CHECK_FALSE(events::verify("", kDomain, "m", signature));
  CHECK_FALSE(events::verify(key.substr(1), kDomain, "m", signature));
  CHECK_FALSE(events::verify(key + "x", kDomain, "m", signature));
  CHECK_FALSE(events::verify(key, kDomain, "m", ""));
  CHECK_FALSE(events::verify(key, kDomain, "m", signature.substr(1)));
  CHECK_FALSE(events::verify(key, kDomain, "m", signature + "x"));
}

TEST_CASE("a signature with s above the group's order is refused: one message, one signature") {
  // Adding the order L to s gives bytes that satisfy the bare equation.
  const auto order = *from_hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  auto signature = events::sign(kSeed, kDomain, "m");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    const unsigned sum = static_cast<std::uint8_t>(signature[32 + i]) +
                         static_cast<unsigned>(static_cast<std::uint8_t>(order[i])) + carry;
    signature[32 + i] = static_cast<char>(sum & 0xff);
    carry = sum >> 8;
  }
  CHECK_FALSE(events::verify(events::public_key_of(kSeed), kDomain, "m", signature));
}

TEST_CASE("a key's id is the first half of its digest") {
  const auto key = events::public_key_of(kSeed);
  CHECK(events::key_id_of(key).view() == sha256(key).view().substr(0, 16));
}

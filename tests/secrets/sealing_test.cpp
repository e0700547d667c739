#include "core/secrets/sealing.hpp"

#include <doctest/doctest.h>

#include "core/base/encoding.hpp"
#include "core/secrets/aes_gcm.hpp"
#include "tests/secrets/counting_random.hpp"

using namespace fl;
using namespace fl::secrets;

namespace {
const auto kAda = derive_id<AccountId>("test", "", "ada");
const auto kBob = derive_id<AccountId>("test", "", "bob");

SecretKey key_of(std::uint8_t first) {
  CountingRandom random(first);
  return SecretKey::random(random);
}
std::string hex(std::string_view text) {
  return from_hex(text).value();
}
}  // namespace

TEST_CASE("the cipher is AES-256-GCM, as in test case 16 of its specification") {
  const auto key =
      SecretKey::from(hex("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308"));
  const auto plain = hex(
      "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449"
      "a6b525b16aedf5aa0de657ba637b39");
  const auto associated = hex("feedfacedeadbeeffeedfacedeadbeefabaddad2");
  const auto nonce = hex("cafebabefacedbaddecaf888");
  const auto sealed = aes_gcm_encrypt(key, nonce, associated, plain);
  CHECK(to_hex(sealed) ==
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056"
        "828838c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b");
  CHECK(aes_gcm_decrypt(key, nonce, associated, sealed) == plain);
}

TEST_CASE("a sealed text opens again, whatever its bytes, and shows nothing of itself") {
  const auto key = key_of(7);
  SystemRandom random;
  const std::string rows[] = {"", "hello", std::string("\0\n\xff", 3), std::string(60'000, 'x')};
  for (const auto& text : rows) {
    const auto sealed = seal(key, kAda, "post.caption", text, random);
    REQUIRE(sealed);
    CHECK(sealed->subject() == kAda.raw());
    CHECK(sealed->nonce().size() == 12);
    CHECK(sealed->ciphertext().size() == text.size() + 16);
    if (text.size() > 3) CHECK(sealed->ciphertext().find(text.substr(0, 4)) == std::string::npos);
    fanledger::v1::Sealed read;
    REQUIRE(read.ParseFromString(sealed->SerializeAsString()));
    CHECK(open(key, read, "post.caption").value() == text);
  }
}

TEST_CASE("the nonce comes from the given source and is fresh each time") {
  const auto key = key_of(7);
  CountingRandom random(100);
  const auto one = seal(key, kAda, "f", "text", random).value();
  const auto two = seal(key, kAda, "f", "text", random).value();
  CountingRandom again(100);
  CHECK(one.nonce() == again.bytes(12));
  CHECK(two.nonce() == again.bytes(12));
  CHECK(one.ciphertext() != two.ciphertext());
}

TEST_CASE("a sealed text does not open in another field, for another person or under another key") {
  const auto key = key_of(7);
  SystemRandom random;
  const auto sealed = seal(key, kAda, "post.caption", "text", random).value();
  CHECK(open(key, sealed, "post.captio").error().code == "sealed_text_damaged");
  CHECK_FALSE(open(key, sealed, "tip.note"));
  CHECK_FALSE(open(key, sealed, ""));
  CHECK_FALSE(open(key_of(8), sealed, "post.caption"));
  auto moved = sealed;
  moved.set_subject(kBob.raw());
  CHECK_FALSE(open(key, moved, "post.caption"));
}

TEST_CASE("one flipped bit anywhere, or a missing byte, is seen") {
  const auto key = key_of(7);
  SystemRandom random;
  const auto sealed = seal(key, kAda, "f", "some text", random).value();
  const auto flip = [&](auto mutable_part) {
    for (std::size_t bit = 0; bit < (sealed.*mutable_part)().size() * 8; ++bit) {
      auto broken = sealed;
      auto bytes = (sealed.*mutable_part)();
      bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ (1 << (bit % 8)));
      if (mutable_part == &fanledger::v1::Sealed::subject) broken.set_subject(bytes);
      if (mutable_part == &fanledger::v1::Sealed::nonce) broken.set_nonce(bytes);
      if (mutable_part == &fanledger::v1::Sealed::ciphertext) broken.set_ciphertext(bytes);
      CHECK_FALSE(open(key, broken, "f"));
    }
  };
  flip(&fanledger::v1::Sealed::subject);
  flip(&fanledger::v1::Sealed::nonce);
  flip(&fanledger::v1::Sealed::ciphertext);
  for (std::size_t size = 0; size < sealed.ciphertext().size(); ++size) {
    auto cut = sealed;
    cut.mutable_ciphertext()->resize(size);
    CHECK_FALSE(open(key, cut, "f"));
  }
  CHECK_FALSE(open(key, fanledger::v1::Sealed{}, "f"));
}

TEST_CASE("a text that is too long is refused, naming its field") {
  SystemRandom random;
  const auto refused = seal(key_of(7), kAda, "f", std::string(kMaxSealedText + 1, 'x'), random);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == "text_too_long");
  CHECK(refused.error().field == "f");
}

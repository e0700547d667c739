#include "core/base/encoding.hpp"

#include <doctest/doctest.h>

#include "core/base/sha256.hpp"

using namespace fl;

TEST_CASE("text encodings give back what went in, and have one spelling a value") {
  std::string bytes;
  for (int i = 0; i < 70; ++i) {
    CHECK(from_hex(to_hex(bytes)) == bytes);
    CHECK(from_base64(to_base64(bytes)) == bytes);
    CHECK(from_base64url(to_base64url(bytes)) == bytes);
    bytes.push_back(static_cast<char>(i * 37));
  }
  CHECK(to_base64("any carnal pleasure.") == "YW55IGNhcm5hbCBwbGVhc3VyZS4=");
  CHECK_FALSE(from_base64url("AB"));  // the last four bits are not zero
  CHECK_FALSE(from_base64url("A"));
  CHECK_FALSE(from_base64("AA"));
  CHECK_FALSE(from_hex("0g"));
}

TEST_CASE("a binary reader that runs past the end says so and yields zeros") {
  std::string out;
  put_u16(out, 0xabcd);
  put_i64(out, -5);
  put_bytes(out, "abc");
  BinaryReader good(out);
  CHECK(good.u16() == 0xabcd);
  CHECK(good.i64() == -5);
  CHECK(good.bytes() == "abc");
  CHECK(good.done());
  BinaryReader cut(std::string_view(out).substr(0, out.size() - 1));
  cut.u16(), cut.i64();
  CHECK(cut.bytes().empty());
  CHECK(cut.failed());
}

TEST_CASE("SHA-256 and HMAC agree with the published vectors") {
  CHECK(to_hex(sha256("abc").view()) ==
        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(sha256({"a", "bc"}) == sha256("abc"));
  // RFC 4231, cases 2 and 6
  CHECK(to_hex(hmac_sha256("Jefe", {"what do ya want ", "for nothing?"}).view()) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(to_hex(hmac_sha256(std::string(131, '\xaa'),
                           {"Test Using Larger Than Block-Size Key - Hash Key First"})
                   .view()) == "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fl {

std::string to_hex(std::string_view bytes);                        ///< lower case
std::optional<std::string> from_hex(std::string_view text);        ///< either case
std::string to_base64url(std::string_view bytes);                  ///< RFC 4648 §5, no padding
std::optional<std::string> from_base64url(std::string_view text);  ///< canonical, no padding
std::string to_base64(std::string_view bytes);                     ///< RFC 4648 §4, padded
std::optional<std::string> from_base64(std::string_view text);     ///< canonical, padded

/// Big-endian, so that the order of keys is the order of numbers.
void put_u8(std::string& out, std::uint8_t value);
void put_u16(std::string& out, std::uint16_t value);
void put_u32(std::string& out, std::uint32_t value);
void put_u64(std::string& out, std::uint64_t value);
void put_i64(std::string& out, std::int64_t value);  ///< two's complement, not order-preserving
void put_bytes(std::string& out, std::string_view bytes);  ///< length as u32, then the bytes
std::string u64_key(std::uint64_t value);

/// Reads what the put_ functions wrote. A read past the end sets `failed()` and yields zeros: check
/// once, at the end, with `done()`.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view bytes) : rest_(bytes) {}
  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::int64_t i64() { return static_cast<std::int64_t>(u64()); }
  std::string_view raw(std::size_t size);
  std::string_view bytes();
  std::string_view rest() const { return rest_; }
  bool failed() const { return failed_; }
  bool done() const { return !failed_ && rest_.empty(); }

 private:
  std::uint64_t big_endian(std::size_t size);
  std::string_view rest_;
  bool failed_ = false;
};

}  // namespace fl

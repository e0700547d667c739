#include "core/base/encoding.hpp"

#include <array>

namespace fl {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kUrlAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string encode64(std::string_view bytes, std::string_view alphabet) {
  std::string out;
  out.reserve((bytes.size() * 4 + 2) / 3);
  std::uint32_t buffer = 0;
  int bits = 0;
  for (char c : bytes) {
    buffer = (buffer << 8) | static_cast<std::uint8_t>(c);
    bits += 8;
    while (bits >= 6) {
      bits -= 6;
      out.push_back(alphabet[(buffer >> bits) & 63]);
    }
  }
  if (bits > 0) out.push_back(alphabet[(buffer << (6 - bits)) & 63]);
  return out;
}

std::optional<std::string> decode64(std::string_view text, std::string_view alphabet) {
  std::string out;
  std::uint32_t buffer = 0;
  int bits = 0;
  for (char c : text) {
    const auto value = alphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    buffer = (buffer << 6) | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      out.push_back(static_cast<char>(buffer >> bits));
    }
  }
  // One spelling a value: the bits left over must be zero, and fewer than six.
  if (bits >= 6 || (buffer & ((1U << bits) - 1)) != 0) return std::nullopt;
  return out;
}

void put_big_endian(std::string& out, std::uint64_t value, int size) {
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(value >> shift));
  }
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (char c : bytes) {
    const auto value = static_cast<std::uint8_t>(c);
    out.push_back(kHex[value >> 4]);
    out.push_back(kHex[value & 15]);
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
  }
  return out;
}

std::string to_base64url(std::string_view bytes) {
  return encode64(bytes, kUrlAlphabet);
}
std::optional<std::string> from_base64url(std::string_view text) {
  return decode64(text, kUrlAlphabet);
}

std::string to_base64(std::string_view bytes) {
  auto out = encode64(bytes, kAlphabet);
  while (out.size() % 4 != 0) out.push_back('=');
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return decode64(text, kAlphabet);
}

void put_u8(std::string& out, std::uint8_t value) {
  put_big_endian(out, value, 1);
}
void put_u16(std::string& out, std::uint16_t value) {
  put_big_endian(out, value, 2);
}
void put_u32(std::string& out, std::uint32_t value) {
  put_big_endian(out, value, 4);
}
void put_u64(std::string& out, std::uint64_t value) {
  put_big_endian(out, value, 8);
}
void put_i64(std::string& out, std::int64_t value) {
  put_big_endian(out, static_cast<std::uint64_t>(value), 8);
}
void put_bytes(std::string& out, std::string_view bytes) {
  put_u32(out, static_cast<std::uint32_t>(bytes.size()));
  out.append(bytes);
}
std::string u64_key(std::uint64_t value) {
  std::string out;
  put_u64(out, value);
  return out;
}

std::uint64_t BinaryReader::big_endian(std::size_t size) {
  const auto part = raw(size);
  std::uint64_t value = 0;
  for (char c : part) value = (value << 8) | static_cast<std::uint8_t>(c);
  return value;
}
std::uint8_t BinaryReader::u8() {
  return static_cast<std::uint8_t>(big_endian(1));
}
std::uint16_t BinaryReader::u16() {
  return static_cast<std::uint16_t>(big_endian(2));
}
std::uint32_t BinaryReader::u32() {
  return static_cast<std::uint32_t>(big_endian(4));
}
std::uint64_t BinaryReader::u64() {
  return big_endian(8);
}
std::string_view BinaryReader::raw(std::size_t size) {
  if (failed_ || size > rest_.size()) {
    failed_ = true;
    return {};
  }
  const auto part = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return part;
}
std::string_view BinaryReader::bytes() {
  return raw(u32());
}

}  // namespace fl

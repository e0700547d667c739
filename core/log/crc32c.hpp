#pragma once

#include <cstdint>
#include <string_view>

namespace fl::log {

/// CRC-32C (Castagnoli, RFC 3720 appendix B.4), the checksum of RocksDB and Kafka. By hand because
/// no package of Debian 12 offers it to C++; by the SSE 4.2 instruction where the processor has it.
/// `crc32c(b, crc32c(a))` is the checksum of a followed by b.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t before = 0);

/// The same without the instruction: what other processors run, and what a test compares with.
std::uint32_t crc32c_portable(std::string_view bytes, std::uint32_t before = 0);

}  // namespace fl::log

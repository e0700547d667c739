#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/base/encoding.hpp"
#include "projections/store.hpp"

namespace fl::projections {

/// A row's key: a letter for the kind of row, then fields of fixed size, so that prefixes are
/// unambiguous and the order of keys is the order of lists.
class RowKey {
 public:
  explicit RowKey(char kind) : bytes_(1, kind) {}
  template <class IdType>
  RowKey& id(const IdType& id) {
    bytes_.append(id.view());
    return *this;
  }
  RowKey& raw(std::string_view bytes) {
    bytes_.append(bytes);
    return *this;
  }
  RowKey& u8(std::uint8_t value) {
    put_u8(bytes_, value);
    return *this;
  }
  RowKey& u32(std::uint32_t value) {
    put_u32(bytes_, value);
    return *this;
  }
  RowKey& u64(std::uint64_t value) {
    put_u64(bytes_, value);
    return *this;
  }
  RowKey& newest_first(std::uint64_t value) { return u64(~value); }
  /// A time before 1970 is a clock gone wrong: it sorts as 1970.
  RowKey& newest_first_ms(std::int64_t ms) {
    return newest_first(static_cast<std::uint64_t>(std::max<std::int64_t>(ms, 0)));
  }

  operator std::string_view() const { return bytes_; }  // NOLINT: a key is its bytes

 private:
  std::string bytes_;
};

/// A row that is there but cannot be decoded is damage, or of another version that was not rebuilt.
template <class Row>
Row intact(std::optional<Row> row, std::string_view projection) {
  if (!row) throw StorageError("a row of " + std::string(projection) + " cannot be decoded");
  return *std::move(row);
}

/// Decodes what a get gave: nothing stays nothing, damage throws.
template <class Bytes, class Decode>
auto decoded(const std::optional<Bytes>& bytes, Decode decode, std::string_view projection)
    -> decltype(decode(std::string_view{})) {
  if (!bytes) return std::nullopt;
  return intact(decode(std::string_view(*bytes)), projection);
}

}  // namespace fl::projections

#include "core/activity/seen.hpp"

#include "core/base/encoding.hpp"

namespace fl::activity {
namespace {
constexpr std::uint8_t kSeenVersion = 1;
}  // namespace

std::string encode(const SeenRow& row) {
  std::string out;
  put_u8(out, kSeenVersion);
  put_u64(out, row.offset);
  put_bytes(out, row.mac);
  return out;
}

std::optional<SeenRow> decode_seen(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  SeenRow row;
  row.offset = in.u64();
  row.mac = in.bytes();
  if (!in.done() || version != kSeenVersion) return std::nullopt;
  return row;
}

Verdict fold(std::optional<SeenRow>& row, const Act& act) {
  if (row) return Verdict::repeated;
  row = SeenRow{act.offset, act.mac};
  return Verdict::applied;
}

}  // namespace fl::activity

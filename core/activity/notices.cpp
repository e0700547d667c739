#include "core/activity/notices.hpp"

#include <algorithm>

#include "core/base/assert.hpp"
#include "core/base/encoding.hpp"

namespace fl::activity {
namespace {
constexpr std::uint8_t kHeadVersion = 1;
constexpr std::uint8_t kNoticeVersion = 1;
}  // namespace

std::string encode(const NoticeHead& row) {
  std::string out;
  put_u8(out, kHeadVersion);
  put_u64(out, row.total);
  put_u64(out, row.read);
  put_u64(out, row.read_up_to);
  return out;
}

std::optional<NoticeHead> decode_notice_head(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  NoticeHead row;
  row.total = in.u64();
  row.read = in.u64();
  row.read_up_to = in.u64();
  if (!in.done() || version != kHeadVersion) return std::nullopt;
  return row;
}

std::string encode(const NoticeRow& row) {
  std::string out;
  put_u8(out, kNoticeVersion);
  out.append(row.id.view());
  put_u8(out, static_cast<std::uint8_t>(row.kind));
  out.append(row.by.view());
  put_bytes(out, row.subject);
  put_i64(out, row.amount);
  put_bytes(out, row.currency);
  put_i64(out, row.time_ms);
  put_u32(out, row.partition);
  put_u64(out, row.offset);
  return out;
}

std::optional<NoticeRow> decode_notice(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  NoticeRow row;
  row.id = NoticeId::from_raw(in.raw(16));
  row.kind = static_cast<pb::NoticeKind>(in.u8());
  row.by = AccountId::from_raw(in.raw(16));
  row.subject = in.bytes();
  row.amount = in.i64();
  row.currency = in.bytes();
  row.time_ms = in.i64();
  row.partition = in.u32();
  row.offset = in.u64();
  if (!in.done() || version != kNoticeVersion) return std::nullopt;
  return row;
}

Verdict fold(NoticeHead& head, bool known, const Act&, const pb::Noticed& body) {
  if (body.kind() == pb::NOTICE_KIND_UNSPECIFIED) return Verdict::malformed;
  if (known) return Verdict::repeated;
  ++head.total;
  return Verdict::applied;
}

NoticeRow notice_of(const Act& act, const pb::Noticed& body) {
  return {NoticeId::from_raw(body.notice()),
          body.kind(),
          AccountId::from_raw(body.by()),
          body.subject(),
          body.amount(),
          body.currency(),
          act.time_ms,
          act.partition,
          act.offset};
}

Verdict fold(NoticeHead& head, std::uint64_t at_or_below, const Act& act,
             const pb::NoticesRead& body) {
  FL_ASSERT(at_or_below <= head.total);
  if (at_or_below <= head.read) return Verdict::repeated;
  head.read = at_or_below;
  // Nobody has read what is still to come.
  head.read_up_to = std::min<std::uint64_t>(body.up_to(), act.offset);
  return Verdict::applied;
}

}  // namespace fl::activity

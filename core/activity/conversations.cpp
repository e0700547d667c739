#include "core/activity/conversations.hpp"

#include <algorithm>

#include "core/base/encoding.hpp"

namespace fl::activity {
namespace {
constexpr std::uint8_t kConversationVersion = 1;
constexpr std::uint8_t kMessageVersion = 1;
}  // namespace

const MemberRow* ConversationRow::member(const AccountId& account) const {
  for (const auto& one : members) {
    if (one.account == account) return &one;
  }
  return nullptr;
}

std::string encode(const ConversationRow& row) {
  std::string out;
  put_u8(out, kConversationVersion);
  for (const auto& member : row.members) {
    out.append(member.account.view());
    put_u64(out, member.sent);
    put_u64(out, member.unread);
  }
  out.append(row.last.view());
  put_i64(out, row.last_ms);
  put_u64(out, row.last_offset);
  return out;
}

std::optional<ConversationRow> decode_conversation(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  ConversationRow row;
  for (auto& member : row.members) {
    member.account = AccountId::from_raw(in.raw(16));
    member.sent = in.u64();
    member.unread = in.u64();
  }
  row.last = MessageId::from_raw(in.raw(16));
  row.last_ms = in.i64();
  row.last_offset = in.u64();
  if (!in.done() || version != kConversationVersion) return std::nullopt;
  return row;
}

std::string encode(const MessageRow& row) {
  std::string out;
  put_u8(out, kMessageVersion);
  out.append(row.id.view());
  out.append(row.from.view());
  out.append(row.to.view());
  put_bytes(out, row.text);
  put_i64(out, row.time_ms);
  put_u32(out, row.partition);
  put_u64(out, row.offset);
  return out;
}

std::optional<MessageRow> decode_message(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  MessageRow row;
  row.id = MessageId::from_raw(in.raw(16));
  row.from = AccountId::from_raw(in.raw(16));
  row.to = AccountId::from_raw(in.raw(16));
  row.text = in.bytes();
  row.time_ms = in.i64();
  row.partition = in.u32();
  row.offset = in.u64();
  if (!in.done() || version != kMessageVersion) return std::nullopt;
  return row;
}

Verdict fold(std::optional<ConversationRow>& row, bool known, const Act& act,
             const pb::MessageSent& body) {
  const auto to = AccountId::from_raw(body.to());
  if (act.actor.is_zero() || to.is_zero() || act.actor == to) return Verdict::malformed;
  // The id of a conversation is a hash of its two members, so nobody else can write in it.
  if (conversation_of(act.actor, to).view() != body.conversation()) return Verdict::foreign;
  if (known) return Verdict::repeated;
  if (!row) {
    row.emplace();
    row->members[0].account = act.actor;
    row->members[1].account = to;
    row->last_ms = act.time_ms;
  }
  for (auto& member : row->members) {
    if (member.account == act.actor) {
      ++member.sent;
      member.unread = 0;
    } else {
      ++member.unread;
    }
  }
  row->last = MessageId::from_raw(body.message());
  row->last_ms = std::max(row->last_ms, act.time_ms);
  row->last_offset = act.offset;
  return Verdict::applied;
}

MessageRow message_of(const Act& act, const pb::MessageSent& body) {
  return {MessageId::from_raw(body.message()),
          act.actor,
          AccountId::from_raw(body.to()),
          body.text().SerializeAsString(),
          act.time_ms,
          act.partition,
          act.offset};
}

}  // namespace fl::activity

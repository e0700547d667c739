#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "core/activity/act.hpp"

namespace fl::activity {

/// One of the two in a conversation.
struct MemberRow {
  AccountId account;
  std::uint64_t sent = 0;    ///< messages written by it
  std::uint64_t unread = 0;  ///< messages received since it last wrote
  bool operator==(const MemberRow&) const = default;
};

struct ConversationRow {
  std::array<MemberRow, 2> members;  ///< [0] wrote first
  MessageId last;
  std::int64_t last_ms = 0;  ///< never goes back, though nodes' clocks differ
  std::uint64_t last_offset = 0;

  const MemberRow* member(const AccountId& account) const;
  bool operator==(const ConversationRow&) const = default;
};

struct MessageRow {
  MessageId id;
  AccountId from;
  AccountId to;
  std::string text;  ///< an encoded Sealed
  std::int64_t time_ms = 0;
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
  bool operator==(const MessageRow&) const = default;
};

std::string encode(const ConversationRow& row);
std::optional<ConversationRow> decode_conversation(std::string_view bytes);
std::string encode(const MessageRow& row);
std::optional<MessageRow> decode_message(std::string_view bytes);

/// `known`: a message of this id is there already. Only the two whose conversation it is write in
/// it. Who writes has read: an answer ends one's own unread.
Verdict fold(std::optional<ConversationRow>& row, bool known, const Act& act,
             const pb::MessageSent& body);
MessageRow message_of(const Act& act, const pb::MessageSent& body);

}  // namespace fl::activity

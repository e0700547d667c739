#include "projections/inbox.hpp"

#include "projections/events_at.hpp"
#include "projections/listing.hpp"
#include "projections/row_key.hpp"
#include "projections/seen_ids.hpp"

namespace fl::projections {
namespace {

using activity::ConversationRow;
using activity::MessageRow;

// 'c' conversation                  → ConversationRow
// 'i' account ~time conversation    → (list of an account's conversations)
// 'm' conversation message          → (known)
// 'M' conversation ~offset          → MessageRow
// 'd' partition id                  → SeenRow
RowKey conversation_key(const ConversationId& id) {
  return RowKey('c').id(id);
}
RowKey message_key(const ConversationId& id, std::uint64_t offset) {
  return RowKey('M').id(id).newest_first(offset);
}
RowKey listed_key(const AccountId& account, const ConversationRow& row, const ConversationId& id) {
  return RowKey('i').id(account).newest_first_ms(row.last_ms).id(id);
}

}  // namespace

Status Inbox::apply(Txn& txn, const ActivityEventAt& at) {
  if (!at.event.has_message_sent() || !activity::well_formed(at.event)) return {};
  const auto& body = at.event.message_sent();
  const auto act = activity::act_of(at.event, at.partition, at.offset);
  if (seen_before(txn, act)) return {};
  const auto id = ConversationId::from_raw(body.conversation());
  const auto known_key = RowKey('m').id(id).id(MessageId::from_raw(body.message()));
  const bool known = txn.get(known_key).has_value();
  auto row = decoded(txn.get(conversation_key(id)), activity::decode_conversation, name());
  const auto before = row;
  if (fold(row, known, act, body) != activity::Verdict::applied) return {};
  for (const auto& member : row->members) {
    if (before) txn.erase(listed_key(member.account, *before, id));
    txn.put(listed_key(member.account, *row, id), "");
  }
  txn.put(conversation_key(id), encode(*row));
  txn.put(known_key, "");
  txn.put(message_key(id, act.offset), encode(message_of(act, body)));
  return {};
}

Result<Listing<Conversation>> Inbox::conversations(const View& view, const AccountId& account,
                                                   const Page& page) const {
  return listing(view, name(), RowKey('i').id(account), page, [&](const View::Row& row) {
    Conversation one;
    one.id = ConversationId::from_raw(std::string_view(row.key).substr(8));
    one.row = intact(conversation(view, one.id), name());
    for (const auto& member : one.row.members) {
      if (member.account == account) {
        one.unread = member.unread;
      } else {
        one.other = member.account;
      }
    }
    one.last = decoded(view.get(name(), message_key(one.id, one.row.last_offset)),
                       activity::decode_message, name());
    return one;
  });
}

std::optional<ConversationRow> Inbox::conversation(const View& view,
                                                   const ConversationId& id) const {
  return decoded(view.get(name(), conversation_key(id)), activity::decode_conversation, name());
}

std::optional<MessageRow> Inbox::message_at(const View& view, const ConversationId& id,
                                            log::Offset offset) const {
  return decoded(view.get(name(), message_key(id, offset)), activity::decode_message, name());
}

bool Inbox::has_written(const View& view, const AccountId& from, const AccountId& to) const {
  const auto row = conversation(view, conversation_of(from, to));
  const auto* member = row ? row->member(from) : nullptr;
  return member != nullptr && member->sent > 0;
}

Result<Listing<MessageRow>> Inbox::messages(const View& view, const ConversationId& id,
                                            const Page& page) const {
  return listing_of_values(view, name(), RowKey('M').id(id), page, activity::decode_message);
}

}  // namespace fl::projections

#include "projections/notices.hpp"

#include "projections/events_at.hpp"
#include "projections/listing.hpp"
#include "projections/row_key.hpp"
#include "projections/seen_ids.hpp"

namespace fl::projections {
namespace {

using activity::NoticeHead;
using activity::Verdict;

// 'h' account          → NoticeHead
// 'k' account notice   → (known)
// 'o' account ~number  → NoticeRow
// 'd' partition id     → SeenRow (of what was read)
RowKey head_key(const AccountId& account) {
  return RowKey('h').id(account);
}
RowKey notice_key(const AccountId& account, std::uint64_t number) {
  return RowKey('o').id(account).newest_first(number);
}

NoticeHead head_in(Txn& txn, const AccountId& account) {
  return decoded(txn.get(head_key(account)), activity::decode_notice_head, txn.projection())
      .value_or(NoticeHead{});
}

/// How many of an account's notices stand at offsets up to `up_to`: they are numbered in that
/// order, so halving finds it in the logarithm of their number.
std::uint64_t at_or_below(Txn& txn, const AccountId& account, const NoticeHead& head,
                          std::uint64_t up_to) {
  std::uint64_t low = head.read;
  std::uint64_t high = head.total;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto row = intact(
        decoded(txn.get(notice_key(account, middle)), activity::decode_notice, txn.projection()),
        txn.projection());
    if (row.offset <= up_to) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void noticed(Txn& txn, const activity::Act& act, const AccountId& account,
             const pb::Noticed& body) {
  const auto known_key = RowKey('k').id(account).id(NoticeId::from_raw(body.notice()));
  auto head = head_in(txn, account);
  const auto number = head.total;
  const bool known = txn.get(known_key).has_value();
  if (fold(head, known, act, body) != Verdict::applied) return;
  txn.put(known_key, "");
  txn.put(notice_key(account, number), encode(notice_of(act, body)));
  txn.put(head_key(account), encode(head));
}

void read(Txn& txn, const activity::Act& act, const AccountId& account,
          const pb::NoticesRead& body) {
  auto head = head_in(txn, account);
  const auto count = at_or_below(txn, account, head, body.up_to());
  if (fold(head, count, act, body) != Verdict::applied) return;
  txn.put(head_key(account), encode(head));
}

}  // namespace

Status Notices::apply(Txn& txn, const ActivityEventAt& at) {
  const auto& event = at.event;
  if (!event.has_noticed() && !event.has_notices_read()) return {};
  if (!activity::well_formed(event)) return {};
  const auto act = activity::act_of(event, at.partition, at.offset);
  const auto account = AccountId::from_raw(event.about());
  if (event.has_noticed()) noticed(txn, act, account, event.noticed());
  if (event.has_notices_read() && !seen_before(txn, act))
    read(txn, act, account, event.notices_read());
  return {};
}

NoticeHead Notices::head(const View& view, const AccountId& account) const {
  return decoded(view.get(name(), head_key(account)), activity::decode_notice_head, name())
      .value_or(NoticeHead{});
}

std::optional<Notice> Notices::notice_at(const View& view, const AccountId& account,
                                         log::Offset offset) const {
  const auto state = head(view, account);
  std::uint64_t low = 0;
  std::uint64_t high = state.total;  // numbers and offsets rise together
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    auto row = intact(
        decoded(view.get(name(), notice_key(account, middle)), activity::decode_notice, name()),
        name());
    if (row.offset == offset) return Notice{std::move(row), middle < state.read};
    if (row.offset < offset) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return std::nullopt;
}

Result<Listing<Notice>> Notices::newest(const View& view, const AccountId& account,
                                        const Page& page) const {
  const auto read = head(view, account).read;
  return listing(view, name(), RowKey('o').id(account), page, [&](const View::Row& row) {
    const auto number = ~BinaryReader(row.key).u64();
    return Notice{intact(activity::decode_notice(row.value), name()), number < read};
  });
}

}  // namespace fl::projections

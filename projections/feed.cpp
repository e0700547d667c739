#include "projections/feed.hpp"

#include "projections/events_at.hpp"
#include "projections/listing.hpp"
#include "projections/row_key.hpp"

namespace fl::projections {
namespace {

constexpr std::uint8_t kVersion = 1;

// 'i' post             → FeedItem, to find its rows when it is deleted
// 'h' ~event           → FeedItem, all            'q' ~event         → of these the premium
// 'a' author ~event    → FeedItem of one author   'r' author ~event  → of these the premium
std::string encode(const FeedItem& item) {
  std::string out;
  put_u8(out, kVersion);
  out.append(item.post.view());
  out.append(item.author.view());
  put_u8(out, item.premium ? 1 : 0);
  put_i64(out, item.published.ms);
  put_u64(out, item.event_seq);
  return out;
}

std::optional<FeedItem> decode(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  FeedItem item;
  item.post = PostId::from_raw(in.raw(16));
  item.author = AccountId::from_raw(in.raw(16));
  item.premium = in.u8() != 0;
  item.published.ms = in.i64();
  item.event_seq = in.u64();
  if (!in.done() || version != kVersion) return std::nullopt;
  return item;
}

template <class Visit>
void each_list(const FeedItem& item, Visit visit) {
  visit(RowKey('h').newest_first(item.event_seq));
  visit(RowKey('a').id(item.author).newest_first(item.event_seq));
  if (!item.premium) return;
  visit(RowKey('q').newest_first(item.event_seq));
  visit(RowKey('r').id(item.author).newest_first(item.event_seq));
}

RowKey list_prefix(const FeedFilter& filter) {
  if (!filter.author) return RowKey(filter.premium_only ? 'q' : 'h');
  return RowKey(filter.premium_only ? 'r' : 'a').id(*filter.author);
}

}  // namespace

Status Feed::apply(Txn& txn, const LedgerEventAt& at) {
  switch (at.event.body_case()) {
    case pb::LedgerEvent::kPostPublished: {
      const auto& body = at.event.post_published();
      const FeedItem item{PostId::from_raw(body.post()), AccountId::from_raw(body.author()),
                          body.premium(), Instant{at.time_ms}, at.event_seq};
      const auto row = encode(item);
      txn.put(RowKey('i').id(item.post), row);
      each_list(item, [&](std::string_view key) { txn.put(key, row); });
      return {};
    }
    case pb::LedgerEvent::kPostDeleted: {
      const auto key = RowKey('i').id(PostId::from_raw(at.event.post_deleted().post()));
      const auto item = decoded(txn.get(key), decode, name());
      if (!item) return {};
      each_list(*item, [&](std::string_view listed) { txn.erase(listed); });
      txn.erase(key);
      return {};
    }
    case pb::LedgerEvent::kAccountOpened:
    case pb::LedgerEvent::kStaffKeyAdded:
    case pb::LedgerEvent::kStaffKeyRevoked:
    case pb::LedgerEvent::kCreatorVerified:
    case pb::LedgerEvent::kVerificationWithdrawn:
    case pb::LedgerEvent::kDeposited:
    case pb::LedgerEvent::kSubscriptionPriceSet:
    case pb::LedgerEvent::kMediaRegistered:
    case pb::LedgerEvent::kPurchased:
    case pb::LedgerEvent::kSubscribed:
    case pb::LedgerEvent::kTipped:
    case pb::LedgerEvent::BODY_NOT_SET:
      return {};
  }
  return {};
}

Result<Listing<FeedItem>> Feed::newest(const View& view, const FeedFilter& filter,
                                       const Page& page) const {
  return listing_of_values(view, name(), list_prefix(filter), page, decode);
}

}  // namespace fl::projections

#include "projections/access.hpp"

#include "projections/events_at.hpp"
#include "projections/ledger_fields.hpp"
#include "projections/listing.hpp"
#include "projections/row_key.hpp"

namespace fl::projections {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::int64_t kHourMs = 3'600'000;

// 'p' buyer post               → PurchaseRow          'P' buyer ~event      → post
// 's' subscriber creator       → SubscriptionRow      'S' subscriber ~event → creator
// 'e' creator ends subscriber  → (paid, by their end)
// 'h' creator hour             → paid subscriptions that end in that hour
// 'f' creator                  → follows
RowKey purchase_key(const AccountId& buyer, const PostId& post) {
  return RowKey('p').id(buyer).id(post);
}
RowKey subscription_key(const AccountId& subscriber, const AccountId& creator) {
  return RowKey('s').id(subscriber).id(creator);
}
std::uint64_t non_negative(std::int64_t value) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
}
RowKey end_key(const SubscriptionRow& row) {
  return RowKey('e').id(row.creator).u64(non_negative(row.ends.ms)).id(row.subscriber);
}
RowKey hour_key(const AccountId& creator, Instant ends) {
  return RowKey('h').id(creator).u64(non_negative(ends.ms) / kHourMs);
}
RowKey follows_key(const AccountId& creator) {
  return RowKey('f').id(creator);
}

std::string encode(const PurchaseRow& row) {
  std::string out;
  put_u8(out, kVersion);
  out.append(row.post.view());
  out.append(row.buyer.view());
  out.append(row.entry.view());
  put_u64(out, row.event_seq);
  put_i64(out, row.time.ms);
  put_money(out, row.price);
  return out;
}

std::optional<PurchaseRow> decode_purchase(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  PurchaseRow row;
  row.post = PostId::from_raw(in.raw(16));
  row.buyer = AccountId::from_raw(in.raw(16));
  row.entry = EntryId::from_raw(in.raw(16));
  row.event_seq = in.u64();
  row.time.ms = in.i64();
  row.price = read_money(in);
  if (!in.done() || version != kVersion) return std::nullopt;
  return row;
}

std::string encode(const SubscriptionRow& row) {
  std::string out;
  put_u8(out, kVersion);
  out.append(row.subscriber.view());
  out.append(row.creator.view());
  out.append(row.entry.view());
  put_u64(out, row.event_seq);
  put_i64(out, row.started.ms);
  put_money(out, row.price);
  put_i64(out, row.ends.ms);
  put_u8(out, row.follow ? 1 : 0);
  return out;
}

std::optional<SubscriptionRow> decode_subscription(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  SubscriptionRow row;
  row.subscriber = AccountId::from_raw(in.raw(16));
  row.creator = AccountId::from_raw(in.raw(16));
  row.entry = EntryId::from_raw(in.raw(16));
  row.event_seq = in.u64();
  row.started.ms = in.i64();
  row.price = read_money(in);
  row.ends.ms = in.i64();
  row.follow = in.u8() != 0;
  if (!in.done() || version != kVersion) return std::nullopt;
  return row;
}

std::optional<std::uint64_t> decode_count(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  const auto count = in.u64();
  if (!in.done() || version != kVersion) return std::nullopt;
  return count;
}

/// A counter at zero has no row: rows do not depend on the way that led to them.
void count(Txn& txn, const RowKey& key, bool up) {
  const auto before = decoded(txn.get(key), decode_count, txn.projection()).value_or(0);
  const auto after = up ? before + 1 : before - 1;
  if (after == 0) return txn.erase(key);
  std::string out;
  put_u8(out, kVersion);
  put_u64(out, after);
  txn.put(key, std::move(out));
}

/// Enters the row in the lists and counters, or takes it out.
void index(Txn& txn, const SubscriptionRow& row, bool in) {
  const auto listed = RowKey('S').id(row.subscriber).newest_first(row.event_seq);
  if (in) {
    txn.put(listed, row.creator.raw());
  } else {
    txn.erase(listed);
  }
  if (row.follow) return count(txn, follows_key(row.creator), in);
  if (in) {
    txn.put(end_key(row), "");
  } else {
    txn.erase(end_key(row));
  }
  count(txn, hour_key(row.creator, row.ends), in);
}

void bought(Txn& txn, const LedgerEventAt& at) {
  const auto& body = at.event.purchased();
  const PurchaseRow row{PostId::from_raw(body.post()),
                        AccountId::from_raw(body.buyer()),
                        EntryId::from_raw(body.entry()),
                        at.event_seq,
                        Instant{at.time_ms},
                        money_of(body.price())};
  txn.put(purchase_key(row.buyer, row.post), encode(row));
  txn.put(RowKey('P').id(row.buyer).newest_first(row.event_seq), row.post.raw());
}

void subscribed(Txn& txn, const LedgerEventAt& at) {
  const auto& body = at.event.subscribed();
  SubscriptionRow row;
  row.subscriber = AccountId::from_raw(body.subscriber());
  row.creator = AccountId::from_raw(body.creator());
  row.entry = EntryId::from_raw(body.entry());
  row.event_seq = at.event_seq;
  row.started = {at.time_ms};
  row.price = money_of(body.price());
  row.ends = {body.ends_ms()};
  row.follow = body.ends_ms() == 0;
  const auto key = subscription_key(row.subscriber, row.creator);
  const auto before = decoded(txn.get(key), decode_subscription, txn.projection());
  if (before) index(txn, *before, false);
  txn.put(key, encode(row));
  index(txn, row, true);
}

}  // namespace

Status Access::apply(Txn& txn, const LedgerEventAt& at) {
  switch (at.event.body_case()) {
    case pb::LedgerEvent::kPurchased:
      bought(txn, at);
      return {};
    case pb::LedgerEvent::kSubscribed:
      subscribed(txn, at);
      return {};
    case pb::LedgerEvent::kAccountOpened:
    case pb::LedgerEvent::kStaffKeyAdded:
    case pb::LedgerEvent::kStaffKeyRevoked:
    case pb::LedgerEvent::kCreatorVerified:
    case pb::LedgerEvent::kVerificationWithdrawn:
    case pb::LedgerEvent::kDeposited:
    case pb::LedgerEvent::kSubscriptionPriceSet:
    case pb::LedgerEvent::kMediaRegistered:
    case pb::LedgerEvent::kPostPublished:
    case pb::LedgerEvent::kPostDeleted:
    case pb::LedgerEvent::kTipped:
    case pb::LedgerEvent::BODY_NOT_SET:
      return {};
  }
  return {};
}

std::optional<PurchaseRow> Access::purchase(const View& view, const AccountId& buyer,
                                            const PostId& post) const {
  return decoded(view.get(name(), purchase_key(buyer, post)), decode_purchase, name());
}

std::optional<SubscriptionRow> Access::subscription(const View& view, const AccountId& subscriber,
                                                    const AccountId& creator) const {
  return decoded(view.get(name(), subscription_key(subscriber, creator)), decode_subscription,
                 name());
}

Result<Listing<PurchaseRow>> Access::purchases(const View& view, const AccountId& buyer,
                                               const Page& page) const {
  return listing_of_ids<PostId>(view, name(), RowKey('P').id(buyer), page,
                                [&](const PostId& post) { return purchase(view, buyer, post); });
}

Result<Listing<SubscriptionRow>> Access::subscriptions(const View& view,
                                                       const AccountId& subscriber,
                                                       const Page& page) const {
  return listing_of_ids<AccountId>(
      view, name(), RowKey('S').id(subscriber), page,
      [&](const AccountId& creator) { return subscription(view, subscriber, creator); });
}

std::uint64_t Access::subscriber_count(const View& view, const AccountId& creator,
                                       Instant now) const {
  constexpr std::size_t kMaxHours = 24 * 366 * 3;  // subscriptions run no longer
  constexpr std::size_t kMaxInHour = 1'000'000;
  const auto hour = non_negative(now.ms) / kHourMs;
  std::uint64_t total = 0;
  view.scan(name(), RowKey('h').id(creator), u64_key(hour + 1), kMaxHours,
            [&](std::string_view, std::string_view value) {
              total += intact(decode_count(value), name());
              return true;
            });
  view.scan(name(), RowKey('e').id(creator), u64_key(non_negative(now.ms) + 1), kMaxInHour,
            [&](std::string_view key, std::string_view) {
              const bool this_hour = BinaryReader(key).u64() / kHourMs == hour;
              if (this_hour) ++total;
              return this_hour;
            });
  return total;
}

std::uint64_t Access::follower_count(const View& view, const AccountId& creator) const {
  return decoded(view.get(name(), follows_key(creator)), decode_count, name()).value_or(0);
}

}  // namespace fl::projections

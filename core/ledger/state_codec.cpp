#include "core/ledger/state_codec.hpp"

#include <map>

#include "core/base/encoding.hpp"

namespace fl::ledger {
namespace {

template <class IdType>
IdType read_id(BinaryReader& in) {
  return IdType::from_raw(in.raw(16));
}

void put_money(std::string& out, const Money& money) {
  put_i64(out, money.amount);
  put_bytes(out, money.currency.code());
}
Money read_money(BinaryReader& in) {
  const Amount amount = in.i64();
  return {amount, Currency::parse(in.bytes()).value_or(Currency{})};
}

std::string encode_row(const AccountRow& row) {
  std::string out;
  put_u8(out, static_cast<std::uint8_t>(row.role));
  put_u8(out, row.verified ? 1 : 0);
  put_bytes(out, row.username);
  out.append(row.email_index.view());
  put_u8(out, row.subscription_price ? 1 : 0);
  if (row.subscription_price) put_money(out, *row.subscription_price);
  put_u64(out, row.opened_seq);
  put_u64(out, row.verified_seq);
  return out;
}
AccountRow read_account(BinaryReader& in) {
  AccountRow row;
  row.role = static_cast<pb::Role>(in.u8());
  row.verified = in.u8() != 0;
  row.username = std::string(in.bytes());
  row.email_index = Digest::from(in.raw(32));
  if (in.u8() != 0) row.subscription_price = read_money(in);
  row.opened_seq = in.u64();
  row.verified_seq = in.u64();
  return row;
}

std::string encode_row(const AccountId& row) {
  return row.raw();
}

std::string encode_row(const Amount& row) {
  std::string out;
  put_i64(out, row);
  return out;
}

std::string encode_row(const MediaRow& row) {
  std::string out = row.owner.raw();
  put_u8(out, static_cast<std::uint8_t>(row.kind));
  return out.append(row.manifest.view());
}
MediaRow read_media(BinaryReader& in) {
  MediaRow row;
  row.owner = read_id<AccountId>(in);
  row.kind = static_cast<pb::MediaKind>(in.u8());
  row.manifest = Digest::from(in.raw(32));
  return row;
}

std::string encode_row(const PostRow& row) {
  std::string out = row.author.raw() + row.media.raw();
  put_u8(out, row.premium ? 1 : 0);
  put_money(out, row.price);
  put_u8(out, row.deleted ? 1 : 0);
  put_u64(out, row.published_seq);
  put_u64(out, row.deleted_seq);
  return out;
}
PostRow read_post(BinaryReader& in) {
  PostRow row;
  row.author = read_id<AccountId>(in);
  row.media = read_id<MediaId>(in);
  row.premium = in.u8() != 0;
  row.price = read_money(in);
  row.deleted = in.u8() != 0;
  row.published_seq = in.u64();
  row.deleted_seq = in.u64();
  return row;
}

std::string encode_row(const PurchaseRow& row) {
  std::string out;
  put_u64(out, row.seq);
  put_money(out, row.price);
  return out;
}
PurchaseRow read_purchase(BinaryReader& in) {
  const auto seq = in.u64();
  return {seq, read_money(in)};
}

std::string encode_row(const SubscriptionRow& row) {
  std::string out;
  put_u64(out, row.seq);
  put_money(out, row.price);
  put_i64(out, row.ends.ms);
  return out;
}
SubscriptionRow read_subscription(BinaryReader& in) {
  const auto seq = in.u64();
  const auto price = read_money(in);
  return {seq, price, Instant{in.i64()}};
}

std::string encode_row(const StaffKeyRow& row) {
  std::string out;
  put_bytes(out, row.public_key);
  put_u8(out, static_cast<std::uint8_t>(row.role));
  put_bytes(out, row.name);
  put_u8(out, row.revoked ? 1 : 0);
  return out;
}
StaffKeyRow read_staff_key(BinaryReader& in) {
  StaffKeyRow row;
  row.public_key = std::string(in.bytes());
  row.role = static_cast<pb::StaffRole>(in.u8());
  row.name = std::string(in.bytes());
  row.revoked = in.u8() != 0;
  return row;
}

std::string encode_row(const CommandRow& row) {
  std::string out = row.mac.str();
  put_u64(out, row.event_seq);
  put_u64(out, row.offset);
  put_u32(out, row.index);
  return out;
}
CommandRow read_command(BinaryReader& in) {
  CommandRow row;
  row.mac = Digest::from(in.raw(32));
  row.event_seq = in.u64();
  row.offset = in.u64();
  row.index = in.u32();
  return row;
}

std::string encode_meta(const State& state) {
  std::string out;
  put_bytes(out, state.ledger_id);
  put_bytes(out, events::encode(state.genesis));
  put_bytes(out, events::encode(state.fees));
  put_i64(out, state.time.ms);
  put_u64(out, state.next_event_seq);
  put_u32(out, static_cast<std::uint32_t>(state.anchors.size()));
  for (const auto& anchor : state.anchors) {
    put_u64(out, anchor.event_seq);
    out.append(anchor.head.view());
    put_i64(out, anchor.time.ms);
  }
  return out;
}
bool restore_meta(State& state, BinaryReader& in) {
  state.ledger_id = std::string(in.bytes());
  if (!events::decode(in.bytes(), state.genesis) || !events::decode(in.bytes(), state.fees)) {
    return false;
  }
  state.time = {in.i64()};
  state.next_event_seq = in.u64();
  const auto count = in.u32();
  if (count > kAnchorsKept) return false;
  state.anchors.clear();
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto seq = in.u64();
    const auto head = Digest::from(in.raw(32));
    state.anchors.push_back({seq, head, Instant{in.i64()}});
  }
  return true;
}

std::string encode_key(const BalanceKey& key) {
  std::string out;
  put_u8(out, static_cast<std::uint8_t>(key.kind));
  return out.append(key.owner.view()).append(key.currency.code());
}
BalanceKey read_balance_key(std::string_view key) {
  BinaryReader in(key);
  const auto kind = static_cast<pb::AccountKind>(in.u8());
  const auto owner = read_id<AccountId>(in);
  return {kind, owner, Currency::parse(in.rest()).value_or(Currency{})};
}
std::string encode_key(const std::string& key) {
  return key;
}
template <class Key>
std::string encode_key(const Key& key) {
  return std::string(key.view());
}

/// Gives the visitor each table with its tag, once and in one place.
template <class StateRef, class Visit>
void each_table(StateRef& state, Visit visit) {
  visit(TableTag::account, state.accounts);
  visit(TableTag::username, state.usernames);
  visit(TableTag::email, state.emails);
  visit(TableTag::balance, state.balances);
  visit(TableTag::media, state.media);
  visit(TableTag::post, state.posts);
  visit(TableTag::purchase, state.purchases);
  visit(TableTag::subscription, state.subscriptions);
  visit(TableTag::staff_key, state.staff_keys);
  visit(TableTag::command, state.commands);
}

}  // namespace

void drain_changes(State& state, const RowSink& sink) {
  sink(TableTag::meta, "", encode_meta(state));
  each_table(state, [&](TableTag tag, auto& table) {
    table.drain_changes(
        [&](const auto& key, const auto& row) { sink(tag, encode_key(key), encode_row(row)); });
  });
}

void for_each_row(const State& state, const RowSink& sink) {
  sink(TableTag::meta, "", encode_meta(state));
  each_table(state, [&](TableTag tag, const auto& table) {
    table.for_each(
        [&](const auto& key, const auto& row) { sink(tag, encode_key(key), encode_row(row)); });
  });
}

bool restore_row(State& state, TableTag tag, std::string_view key, std::string_view row) {
  BinaryReader in(row);
  switch (tag) {
    case TableTag::meta:
      if (!restore_meta(state, in)) return false;
      break;
    case TableTag::account:
      state.accounts.restore(AccountId::from_raw(key), read_account(in));
      break;
    case TableTag::username:
      state.usernames.restore(std::string(key), read_id<AccountId>(in));
      break;
    case TableTag::email:
      state.emails.restore(Digest::from(key), read_id<AccountId>(in));
      break;
    case TableTag::balance:
      state.balances.restore(read_balance_key(key), in.i64());
      break;
    case TableTag::media:
      state.media.restore(MediaId::from_raw(key), read_media(in));
      break;
    case TableTag::post:
      state.posts.restore(PostId::from_raw(key), read_post(in));
      break;
    case TableTag::purchase:
      state.purchases.restore(PairKey::from_raw(key), read_purchase(in));
      break;
    case TableTag::subscription:
      state.subscriptions.restore(PairKey::from_raw(key), read_subscription(in));
      break;
    case TableTag::staff_key:
      state.staff_keys.restore(KeyId::from_raw(key), read_staff_key(in));
      break;
    case TableTag::command:
      state.commands.restore(Digest::from(key), read_command(in));
      break;
    default:
      return false;
  }
  return in.done();
}

Digest state_digest(const State& state) {
  std::map<std::string, std::string> rows;
  for_each_row(state, [&](TableTag tag, std::string_view key, std::string_view row) {
    std::string full;
    put_u8(full, static_cast<std::uint8_t>(tag));
    rows.emplace(full.append(key), row);
  });
  Sha256 hash;
  for (const auto& [key, row] : rows) {
    std::string framed;
    put_bytes(framed, key);
    put_bytes(framed, row);
    hash.update(framed);
  }
  return hash.finish();
}

}  // namespace fl::ledger

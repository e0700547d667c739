#include "projections/accounts.hpp"

#include <algorithm>

#include "projections/events_at.hpp"
#include "projections/ledger_fields.hpp"
#include "projections/row_key.hpp"

namespace fl::projections {
namespace {

constexpr std::uint8_t kVersion = 1;

// 'a' account            → AccountRow
// 'u' username, lowered  → account
// 'e' e-mail index       → account
RowKey account_key(const AccountId& id) {
  return RowKey('a').id(id);
}
RowKey username_key(std::string_view username) {
  std::string lowered(username);
  std::ranges::transform(lowered, lowered.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return RowKey('u').raw(lowered);
}
RowKey email_key(std::string_view index) {
  return RowKey('e').raw(index);
}

std::string encode(const AccountRow& row) {
  std::string out;
  put_u8(out, kVersion);
  out.append(row.id.view());
  put_u8(out, row.creator ? 1 : 0);
  put_bytes(out, row.username);
  out.append(row.email_index.view());
  put_bytes(out, row.email);
  put_i64(out, row.opened.ms);
  put_u64(out, row.opened_seq);
  put_u8(out, row.verified ? 1 : 0);
  put_u64(out, row.verified_seq);
  put_u8(out, row.subscription_price ? 1 : 0);
  if (row.subscription_price) put_money(out, *row.subscription_price);
  put_u64(out, row.price_seq);
  return out;
}

std::optional<AccountRow> decode(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  AccountRow row;
  row.id = AccountId::from_raw(in.raw(16));
  row.creator = in.u8() != 0;
  row.username = in.bytes();
  row.email_index = Digest::from(in.raw(32));
  row.email = in.bytes();
  row.opened.ms = in.i64();
  row.opened_seq = in.u64();
  row.verified = in.u8() != 0;
  row.verified_seq = in.u64();
  if (in.u8() != 0) row.subscription_price = read_money(in);
  row.price_seq = in.u64();
  if (!in.done() || version != kVersion) return std::nullopt;
  return row;
}

std::optional<AccountId> decode_id(std::string_view bytes) {
  if (bytes.size() != 16) return std::nullopt;
  return AccountId::from_raw(bytes);
}

void open(Txn& txn, const LedgerEventAt& at) {
  const auto& body = at.event.account_opened();
  AccountRow row;
  row.id = AccountId::from_raw(body.account());
  row.creator = body.role() == pb::ROLE_CREATOR;
  row.username = body.username();
  row.email_index = Digest::from(body.email_index());
  row.email = body.email().SerializeAsString();
  row.opened = {at.time_ms};
  row.opened_seq = at.event_seq;
  txn.put(account_key(row.id), encode(row));
  txn.put(username_key(row.username), row.id.raw());
  txn.put(email_key(body.email_index()), row.id.raw());
}

template <class Change>
Status change(Txn& txn, const LedgerEventAt& at, std::string_view account, Change with) {
  const auto key = account_key(AccountId::from_raw(account));
  auto row = decoded(txn.get(key), decode, txn.projection());
  if (!row) {
    return fail(
        ErrorClass::unavailable, "ledger_halt", "",
        "Event " + std::to_string(at.event_seq) + " is about an account that is not there.");
  }
  with(*row);
  txn.put(key, encode(*row));
  return {};
}

}  // namespace

Status Accounts::apply(Txn& txn, const LedgerEventAt& at) {
  const auto& event = at.event;
  switch (event.body_case()) {
    case pb::LedgerEvent::kAccountOpened:
      open(txn, at);
      return {};
    case pb::LedgerEvent::kCreatorVerified:
      return change(txn, at, event.creator_verified().account(), [&](AccountRow& row) {
        row.verified = true;
        row.verified_seq = at.event_seq;
      });
    case pb::LedgerEvent::kVerificationWithdrawn:
      return change(txn, at, event.verification_withdrawn().account(), [&](AccountRow& row) {
        row.verified = false;
        row.verified_seq = at.event_seq;
      });
    case pb::LedgerEvent::kSubscriptionPriceSet:
      return change(txn, at, event.subscription_price_set().creator(), [&](AccountRow& row) {
        row.subscription_price = money_of(event.subscription_price_set().price());
        row.price_seq = at.event_seq;
      });
    case pb::LedgerEvent::kStaffKeyAdded:
    case pb::LedgerEvent::kStaffKeyRevoked:
    case pb::LedgerEvent::kDeposited:
    case pb::LedgerEvent::kMediaRegistered:
    case pb::LedgerEvent::kPostPublished:
    case pb::LedgerEvent::kPostDeleted:
    case pb::LedgerEvent::kPurchased:
    case pb::LedgerEvent::kSubscribed:
    case pb::LedgerEvent::kTipped:
    case pb::LedgerEvent::BODY_NOT_SET:
      return {};
  }
  return {};
}

std::optional<AccountRow> Accounts::by_id(const View& view, const AccountId& id) const {
  return decoded(view.get(name(), account_key(id)), decode, name());
}

std::optional<AccountRow> Accounts::by_username(const View& view, std::string_view username) const {
  const auto id = decoded(view.get(name(), username_key(username)), decode_id, name());
  return id ? by_id(view, *id) : std::nullopt;
}

std::optional<AccountRow> Accounts::by_email_index(const View& view, const Digest& index) const {
  const auto id = decoded(view.get(name(), email_key(index.view())), decode_id, name());
  return id ? by_id(view, *id) : std::nullopt;
}

}  // namespace fl::projections

#include "projections/wallets.hpp"

#include "projections/events_at.hpp"
#include "projections/ledger_fields.hpp"
#include "projections/listing.hpp"
#include "projections/row_key.hpp"

namespace fl::projections {
namespace {

constexpr std::uint8_t kVersion = 1;

// 'b' kind owner currency              → balance
// 's' kind owner ~event ~posting       → StatementRow
RowKey book_key(char kind, const Book& book) {
  return RowKey(kind).u8(static_cast<std::uint8_t>(book.kind)).id(book.owner);
}

Book book_of(const pb::LedgerAccount& account) {
  return {static_cast<BookKind>(account.kind()), AccountId::from_raw(account.owner())};
}

std::string encode(const StatementRow& row) {
  std::string out;
  put_u8(out, kVersion);
  put_u64(out, row.event_seq);
  put_i64(out, row.time.ms);
  put_u8(out, static_cast<std::uint8_t>(row.kind));
  out.append(row.entry.view());
  put_money(out, row.amount);
  put_i64(out, row.balance);
  put_u8(out, row.other ? static_cast<std::uint8_t>(row.other->kind) : 0);
  if (row.other) out.append(row.other->owner.view());
  put_i64(out, row.fee);
  put_u8(out, row.post ? 1 : 0);
  if (row.post) out.append(row.post->view());
  put_bytes(out, row.reference);
  return out;
}

std::optional<StatementRow> decode(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  StatementRow row;
  row.event_seq = in.u64();
  row.time.ms = in.i64();
  row.kind = static_cast<EntryKind>(in.u8());
  row.entry = EntryId::from_raw(in.raw(16));
  row.amount = read_money(in);
  row.balance = in.i64();
  if (const auto kind = in.u8(); kind != 0) {
    row.other = Book{static_cast<BookKind>(kind), AccountId::from_raw(in.raw(16))};
  }
  row.fee = in.i64();
  if (in.u8() != 0) row.post = PostId::from_raw(in.raw(16));
  row.reference = in.bytes();
  if (!in.done() || version != kVersion) return std::nullopt;
  return row;
}

std::optional<Amount> decode_balance(std::string_view bytes) {
  BinaryReader in(bytes);
  const auto version = in.u8();
  const auto amount = in.i64();
  if (!in.done() || version != kVersion) return std::nullopt;
  return amount;
}

std::string encode_balance(Amount amount) {
  std::string out;
  put_u8(out, kVersion);
  put_i64(out, amount);
  return out;
}

/// What an event says of its payment, whichever account is looked at. Nothing: it moves no money.
std::optional<StatementRow> payment_of(const LedgerEventAt& at) {
  const auto& event = at.event;
  StatementRow row;
  row.event_seq = at.event_seq;
  row.time = {at.time_ms};
  switch (event.body_case()) {
    case pb::LedgerEvent::kDeposited:
      row.kind = EntryKind::deposit;
      row.entry = EntryId::from_raw(event.deposited().entry());
      row.reference = event.deposited().reference();
      return row;
    case pb::LedgerEvent::kPurchased:
      row.kind = EntryKind::purchase;
      row.entry = EntryId::from_raw(event.purchased().entry());
      row.fee = event.purchased().fee();
      row.post = PostId::from_raw(event.purchased().post());
      return row;
    case pb::LedgerEvent::kSubscribed:
      row.kind = EntryKind::subscription;
      row.entry = EntryId::from_raw(event.subscribed().entry());
      row.fee = event.subscribed().fee();
      return row;
    case pb::LedgerEvent::kTipped:
      row.kind = EntryKind::tip;
      row.entry = EntryId::from_raw(event.tipped().entry());
      row.fee = event.tipped().fee();
      if (!event.tipped().post().empty()) row.post = PostId::from_raw(event.tipped().post());
      return row;
    case pb::LedgerEvent::kAccountOpened:
    case pb::LedgerEvent::kStaffKeyAdded:
    case pb::LedgerEvent::kStaffKeyRevoked:
    case pb::LedgerEvent::kCreatorVerified:
    case pb::LedgerEvent::kVerificationWithdrawn:
    case pb::LedgerEvent::kSubscriptionPriceSet:
    case pb::LedgerEvent::kMediaRegistered:
    case pb::LedgerEvent::kPostPublished:
    case pb::LedgerEvent::kPostDeleted:
    case pb::LedgerEvent::BODY_NOT_SET:
      return std::nullopt;
  }
  return std::nullopt;
}

/// The other side of a posting: of the opposite sign in its currency, a person's before the
/// platform's.
std::optional<Book> other_side(const pb::LedgerEvent& event, const pb::Posting& posting) {
  std::optional<Book> other;
  for (const auto& one : event.postings()) {
    if (one.currency() != posting.currency() || (one.amount() < 0) == (posting.amount() < 0)) {
      continue;
    }
    const bool owned = !one.account().owner().empty();
    if (owned) return book_of(one.account());
    if (!other) other = book_of(one.account());
  }
  return other;
}

Failure impossible(const LedgerEventAt& at, const char* what) {
  return fail(ErrorClass::unavailable, "ledger_halt", "",
              "Event " + std::to_string(at.event_seq) + ": " + what);
}

}  // namespace

const char* to_string(EntryKind kind) {
  switch (kind) {
    case EntryKind::deposit:
      return "deposit";
    case EntryKind::purchase:
      return "purchase";
    case EntryKind::subscription:
      return "subscription";
    case EntryKind::tip:
      return "tip";
  }
  return "?";
}

Status Wallets::apply(Txn& txn, const LedgerEventAt& at) {
  if (at.event.postings().empty()) return {};
  auto row = payment_of(at);
  if (!row) return impossible(at, "money moved by an event that moves none");
  std::uint32_t index = 0;
  for (const auto& posting : at.event.postings()) {
    const auto currency = Currency::parse(posting.currency());
    if (!currency) return impossible(at, "a posting in no currency");
    const Book book = book_of(posting.account());
    const auto key = book_key('b', book).raw(currency->code());
    const auto before = decoded(txn.get(key), decode_balance, name()).value_or(0);
    const auto after = checked_add(before, posting.amount());
    if (!after) return impossible(at, "a balance out of range");
    row->amount = {posting.amount(), *currency};
    row->balance = *after;
    row->other = other_side(at.event, posting);
    txn.put(key, encode_balance(*after));
    txn.put(book_key('s', book).newest_first(at.event_seq).u32(~index), encode(*row));
    ++index;
  }
  return {};
}

Amount Wallets::balance(const View& view, const Book& book, const Currency& currency) const {
  const auto key = book_key('b', book).raw(currency.code());
  return decoded(view.get(name(), key), decode_balance, name()).value_or(0);
}

std::vector<Money> Wallets::balances(const View& view, const Book& book) const {
  constexpr std::size_t kMaxCurrencies = 1000;
  std::vector<Money> out;
  view.scan(name(), book_key('b', book), "", kMaxCurrencies,
            [&](std::string_view key, std::string_view value) {
              const auto amount = intact(decode_balance(value), name());
              out.push_back({amount, intact(Currency::parse(key), name())});
              return true;
            });
  return out;
}

Result<Listing<StatementRow>> Wallets::statement(const View& view, const Book& book,
                                                 const Page& page) const {
  return listing_of_values(view, name(), book_key('s', book), page, decode);
}

}  // namespace fl::projections

#include "core/ledger/postings.hpp"

namespace fl::ledger {

BalanceKey wallet_of(const AccountId& owner, const Currency& currency) {
  return {pb::ACCOUNT_KIND_WALLET, owner, currency};
}
BalanceKey earnings_of(const AccountId& owner, const Currency& currency) {
  return {pb::ACCOUNT_KIND_EARNINGS, owner, currency};
}
BalanceKey fees_in(const Currency& currency) {
  return {pb::ACCOUNT_KIND_FEES, {}, currency};
}
BalanceKey clearing_in(const Currency& currency) {
  return {pb::ACCOUNT_KIND_CLEARING, {}, currency};
}

std::vector<PostingLine> sale(const AccountId& payer, const AccountId& payee, const Money& price,
                              Amount fee) {
  std::vector<PostingLine> lines;
  lines.reserve(3);
  const auto add = [&](const BalanceKey& account, Amount amount) {
    if (amount != 0) lines.push_back({account, amount});
  };
  add(wallet_of(payer, price.currency), -price.amount);
  add(earnings_of(payee, price.currency), price.amount - fee);
  add(fees_in(price.currency), fee);
  return lines;
}

std::vector<PostingLine> deposit(const AccountId& account, const Money& amount) {
  return {{clearing_in(amount.currency), -amount.amount},
          {wallet_of(account, amount.currency), amount.amount}};
}

void write_postings(const std::vector<PostingLine>& lines, pb::LedgerEvent& event) {
  event.clear_postings();
  for (const auto& line : lines) {
    auto* posting = event.add_postings();
    posting->mutable_account()->set_kind(line.account.kind);
    if (!line.account.owner.is_zero()) {
      posting->mutable_account()->set_owner(line.account.owner.bytes.data(),
                                            line.account.owner.bytes.size());
    }
    posting->set_currency(std::string(line.account.currency.code()));
    posting->set_amount(line.amount);
  }
}

Result<std::vector<PostingLine>> read_postings(const pb::LedgerEvent& event) {
  const auto bad = [](const char* why) {
    return fail(ErrorClass::malformed, "posting_malformed", "postings", why);
  };
  std::vector<PostingLine> lines;
  lines.reserve(static_cast<std::size_t>(event.postings_size()));
  for (const auto& posting : event.postings()) {
    const auto& raw_owner = posting.account().owner();
    const auto owner = AccountId::from_raw(raw_owner);
    const auto currency = Currency::parse(posting.currency());
    if (!currency) return bad("A posting names no currency.");
    if (!raw_owner.empty() && owner.is_zero()) return bad("A posting's owner is not one.");
    if (posting.amount() == 0) return bad("A posting moves nothing.");
    lines.push_back({{posting.account().kind(), owner, *currency}, posting.amount()});
  }
  return lines;
}

}  // namespace fl::ledger

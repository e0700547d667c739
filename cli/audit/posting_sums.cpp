#include "cli/audit/posting_sums.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace fl::cli {
namespace {

/// The kind as one byte, the owner's 16 or none, then the currency's code. Codes begin with a
/// letter at a place that the length tells, so no two accounts share a key.
std::string key_of(int kind, std::string_view owner, std::string_view currency) {
  std::string key(1, static_cast<char>(kind));
  key.push_back(static_cast<char>(owner.size()));
  return key.append(owner).append(currency);
}

std::string currency_of(const std::string& key) {
  return key.substr(2 + static_cast<unsigned char>(key[1]));
}

std::string owner_of(const std::string& key) {
  return key[1] == 0 ? "the platform" : AccountId::from_raw(key.substr(2, 16)).str();
}

void differ(Findings& findings, const std::string& key, Int128 fold, Int128 sum) {
  findings.add({Finding::Severity::error, "balance_differs", "ledger", 0, std::nullopt,
                std::nullopt,
                fmt::format("An account of {} in {} holds {} by the fold and {} by the sum of its "
                            "postings.",
                            owner_of(key), currency_of(key), to_text(fold), to_text(sum))});
}

}  // namespace

std::string to_text(Int128 value) {
  const bool negative = value < 0;
  auto magnitude = negative ? 0 - static_cast<Uint128>(value) : static_cast<Uint128>(value);
  std::string text;
  do {
    text.push_back(static_cast<char>('0' + static_cast<int>(magnitude % 10)));
    magnitude /= 10;
  } while (magnitude != 0);
  if (negative) text.push_back('-');
  std::reverse(text.begin(), text.end());
  return text;
}

void PostingSums::add(const pb::LedgerEvent& event) {
  for (const auto& posting : event.postings()) {
    sums_[key_of(posting.account().kind(), posting.account().owner(), posting.currency())] +=
        posting.amount();
    ++postings_;
  }
}

void PostingSums::compare(const ledger::State& state, Findings& findings) const {
  std::size_t met = 0;
  state.balances.for_each([&](const ledger::BalanceKey& account, Amount balance) {
    const auto key = key_of(account.kind, account.owner.is_zero() ? "" : account.owner.view(),
                            account.currency.code());
    const auto sum = sums_.find(key);
    if (sum != sums_.end()) ++met;
    const Int128 expected = sum == sums_.end() ? 0 : sum->second;
    if (expected != balance) differ(findings, key, balance, expected);
  });
  if (met != sums_.size()) {
    findings.add({Finding::Severity::error, "balance_differs", "ledger", 0, std::nullopt,
                  std::nullopt,
                  fmt::format("{} accounts have postings and no balance.", sums_.size() - met)});
  }
  for (const auto& [currency, totals] : totals(state)) {
    if (totals.sum() == 0) continue;
    findings.add({Finding::Severity::error, "books_do_not_balance", "ledger", 0, std::nullopt,
                  std::nullopt,
                  fmt::format("All accounts in {} together hold {}, not nothing.", currency,
                              to_text(totals.sum()))});
  }
}

std::map<std::string, CurrencyTotals> PostingSums::totals(const ledger::State& state) const {
  std::map<std::string, CurrencyTotals> out;
  for (const auto& spec : state.genesis.currencies()) {
    out[spec.code()] = {spec.code(), spec.decimals()};
  }
  for (const auto& [key, sum] : sums_) {
    auto& totals = out[currency_of(key)];
    switch (static_cast<pb::AccountKind>(key[0])) {
      case pb::ACCOUNT_KIND_WALLET:
        totals.wallets += sum;
        break;
      case pb::ACCOUNT_KIND_EARNINGS:
        totals.earnings += sum;
        break;
      case pb::ACCOUNT_KIND_FEES:
        totals.fees += sum;
        break;
      case pb::ACCOUNT_KIND_CLEARING:
        totals.deposits -= sum;
        break;
      default:
        break;  // no such kind passes the fold
    }
  }
  return out;
}

}  // namespace fl::cli

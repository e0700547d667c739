#include "cli/audit/balance.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <ostream>

#include "core/ledger/postings.hpp"
#include "core/ledger/replica.hpp"

namespace fl::cli {
namespace {

constexpr std::size_t kReadRecords = 1024;
constexpr std::size_t kReadBytes = 16 << 20;

Status fold(log::LogReader& log, ledger::Replica& replica) {
  auto end = log.end(log::Stream::ledger, 0);
  if (!end) return fail(end.error());
  while (replica.chain().next_offset < *end) {
    const auto next = replica.chain().next_offset;
    auto records = log.read(log::Stream::ledger, 0, next, kReadRecords, kReadBytes);
    if (!records) return fail(records.error());
    if (records->empty()) return log::damaged({log::Stream::ledger, 0, next}, "it is missing");
    for (const auto& record : *records) {
      if (auto fed = replica.feed(record.offset, record.value); !fed) return fail(fed.error());
    }
  }
  return {};
}

}  // namespace

Result<BalanceSheet> balance_of(log::LogReader& log, const std::string& account) {
  ledger::Replica replica;
  if (auto status = fold(log, replica); !status) return fail(status.error());
  const auto& state = replica.state();
  auto id = AccountId::parse(account);
  if (!id || !state.accounts.contains(*id)) {
    const auto* named = state.usernames.find(ledger::lower_case(account));
    if (named == nullptr) {
      return fail(ErrorClass::not_found, "account_unknown", "ACCOUNT",
                  "The ledger has no account of this name or id.");
    }
    id = *named;
  }
  BalanceSheet sheet{*id,
                     state.accounts.find(*id)->username,
                     {},
                     replica.chain().next_offset,
                     replica.chain().time};
  for (const auto& spec : state.genesis.currencies()) {
    const auto currency = Currency::parse(spec.code());
    if (!currency) continue;
    sheet.lines.push_back({*currency, spec.decimals(),
                           state.balance(ledger::wallet_of(*id, *currency)),
                           state.balance(ledger::earnings_of(*id, *currency))});
  }
  return sheet;
}

void print_balance(const BalanceSheet& sheet, bool json, std::ostream& out) {
  if (json) {
    nlohmann::ordered_json document{{"account", sheet.account.str()},
                                    {"username", sheet.username},
                                    {"records", sheet.records},
                                    {"as_of", to_rfc3339(sheet.as_of)}};
    auto& balances = document["balances"] = nlohmann::ordered_json::array();
    for (const auto& line : sheet.lines) {
      balances.push_back({{"currency", line.currency.code()},
                          {"decimals", line.decimals},
                          {"wallet", line.wallet},
                          {"earnings", line.earnings}});
    }
    out << document.dump(2) << "\n";
    return;
  }
  out << fmt::format("{} ({}) after {} records, {}\n", sheet.username, sheet.account.str(),
                     sheet.records, to_rfc3339(sheet.as_of));
  for (const auto& line : sheet.lines) {
    out << fmt::format("wallet {}   earnings {}\n",
                       format_money({line.wallet, line.currency}, line.decimals),
                       format_money({line.earnings, line.currency}, line.decimals));
  }
}

}  // namespace fl::cli

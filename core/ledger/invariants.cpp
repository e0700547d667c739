#include "core/ledger/invariants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <initializer_list>
#include <tuple>
#include <utility>

#include "core/ledger/postings.hpp"

namespace fl::ledger {
namespace {

using Lines = std::vector<PostingLine>;
using Finding = std::optional<std::string>;

Amount moved(const Lines& lines, const BalanceKey& account) {
  Amount sum = 0;
  for (const auto& line : lines) {
    if (line.account == account) sum += line.amount;
  }
  return sum;
}

/// The sums of the lines by what `key_of` makes of them; nothing when one overflows. An event that
/// passed the rules has a handful of lines: a search from the front is the fastest map.
template <class KeyOf>
auto sums_by(const Lines& lines, KeyOf key_of) {
  using Key = std::decay_t<decltype(key_of(lines.front()))>;
  std::vector<std::pair<Key, Amount>> sums;
  sums.reserve(lines.size());
  for (const auto& line : lines) {
    const Key key = key_of(line);
    auto at =
        std::find_if(sums.begin(), sums.end(), [&](const auto& sum) { return sum.first == key; });
    if (at == sums.end()) at = sums.insert(at, {key, 0});
    const auto sum = checked_add(at->second, line.amount);
    if (!sum) return std::optional<decltype(sums)>{};
    at->second = *sum;
  }
  return std::optional(std::move(sums));
}

bool others(const Lines& lines, std::initializer_list<BalanceKey> known) {
  return std::any_of(lines.begin(), lines.end(), [&](const PostingLine& line) {
    return std::find(known.begin(), known.end(), line.account) == known.end();
  });
}

struct PostingsSumToZero {
  static constexpr std::string_view name = "postings_sum_to_zero";
  static constexpr std::string_view sentence =
      "The postings of an event sum to zero in each currency.";
  static Finding check(const State&, const pb::LedgerEvent&, const Lines& lines) {
    const auto sums = sums_by(lines, [](const PostingLine& line) { return line.account.currency; });
    if (!sums) return "a sum overflows";
    for (const auto& [currency, sum] : *sums) {
      if (sum != 0) return fmt::format("{} is left over in {}", sum, currency.code());
    }
    return std::nullopt;
  }
};

struct AccountsStayWithinLimits {
  static constexpr std::string_view name = "accounts_stay_within_limits";
  static constexpr std::string_view sentence =
      "No wallet, earnings or fees account falls below zero, and no balance overflows.";
  static Finding check(const State& before, const pb::LedgerEvent&, const Lines& lines) {
    const auto moves = sums_by(lines, [](const PostingLine& line) { return line.account; });
    if (!moves) return "a sum overflows";
    for (const auto& [account, move] : *moves) {
      const auto after = checked_add(before.balance(account), move);
      if (!after) return "a balance overflows";
      if (account.kind != pb::ACCOUNT_KIND_CLEARING && *after < 0) {
        return fmt::format("the balance of {} would be {}", account.owner.str(), *after);
      }
    }
    return std::nullopt;
  }
};

struct PostingsAreOfKnownAccounts {
  static constexpr std::string_view name = "postings_are_of_known_accounts";
  static constexpr std::string_view sentence =
      "Wallets and earnings have an owner who exists; the platform's own accounts have none; every "
      "currency stands in Genesis.";
  static Finding check(const State& before, const pb::LedgerEvent&, const Lines& lines) {
    for (const auto& [account, amount] : lines) {
      if (!before.decimals(account.currency)) return "an unknown currency";
      switch (account.kind) {
        case pb::ACCOUNT_KIND_WALLET:
        case pb::ACCOUNT_KIND_EARNINGS:
          if (!before.accounts.contains(account.owner)) return "an account of nobody";
          continue;
        case pb::ACCOUNT_KIND_FEES:
        case pb::ACCOUNT_KIND_CLEARING:
          if (!account.owner.is_zero()) return "an owner on an account of the platform";
          continue;
        default:
          return "an account of unknown kind";
      }
    }
    return std::nullopt;
  }
};

/// A right exists if and only if its payment does.
struct RightsArePaid {
  static constexpr std::string_view name = "rights_are_paid";
  static constexpr std::string_view sentence =
      "What is bought, subscribed to or tipped is paid in the same event, in full, by the one who "
      "gets it, and nobody else's money moves; no other event but a deposit moves any.";
  static Finding check(const State& before, const pb::LedgerEvent& event, const Lines& lines) {
    switch (event.body_case()) {
      case pb::LedgerEvent::kPurchased: {
        const auto& e = event.purchased();
        const auto* post = before.posts.find(PostId::from_raw(e.post()));
        if (post == nullptr) return "a purchase of no post";
        return paid(lines, e.buyer(), post->author, e.price(), e.fee());
      }
      case pb::LedgerEvent::kSubscribed: {
        const auto& e = event.subscribed();
        return paid(lines, e.subscriber(), AccountId::from_raw(e.creator()), e.price(), e.fee());
      }
      case pb::LedgerEvent::kTipped: {
        const auto& e = event.tipped();
        return paid(lines, e.from(), AccountId::from_raw(e.to()), e.amount(), e.fee());
      }
      case pb::LedgerEvent::kDeposited:
        return std::nullopt;  // a right to nothing: see below
      default:
        if (!lines.empty()) return "money moves for nothing";
        return std::nullopt;
    }
  }

 private:
  static Finding paid(const Lines& lines, std::string_view payer, const AccountId& payee,
                      const pb::Price& price, Amount fee) {
    const auto currency = Currency::parse(price.currency());
    if (!currency || price.amount() < 0 || fee < 0 || fee > price.amount()) return "no price";
    const auto buyer = AccountId::from_raw(payer);
    if (buyer == payee) return "somebody pays themselves";
    const auto wallet = wallet_of(buyer, *currency);
    const auto earnings = earnings_of(payee, *currency);
    const auto fees = fees_in(*currency);
    if (moved(lines, wallet) != -price.amount()) return "the payer's part";
    if (moved(lines, earnings) != price.amount() - fee) return "the creator's part";
    if (moved(lines, fees) != fee) return "the platform's part";
    if (others(lines, {wallet, earnings, fees})) return "somebody else's part";
    return std::nullopt;
  }
};

struct MoneyEntersByDepositAlone {
  static constexpr std::string_view name = "money_enters_by_deposit_alone";
  static constexpr std::string_view sentence =
      "Only a deposit touches the clearing account, and it credits exactly what it says, to the "
      "wallet that it says.";
  static Finding check(const State&, const pb::LedgerEvent& event, const Lines& lines) {
    if (!event.has_deposited()) {
      const bool touched = std::any_of(lines.begin(), lines.end(), [](const PostingLine& line) {
        return line.account.kind == pb::ACCOUNT_KIND_CLEARING;
      });
      if (touched) return "clearing moves without a deposit";
      return std::nullopt;
    }
    const auto& e = event.deposited();
    const auto currency = Currency::parse(e.amount().currency());
    if (!currency || e.amount().amount() <= 0) return "a deposit of nothing";
    const auto clearing = clearing_in(*currency);
    const auto wallet = wallet_of(AccountId::from_raw(e.account()), *currency);
    if (moved(lines, clearing) != -e.amount().amount()) return "the part from outside";
    if (moved(lines, wallet) != e.amount().amount()) return "the wallet's part";
    if (others(lines, {clearing, wallet})) return "somebody else's part";
    return std::nullopt;
  }
};

using Invariants = std::tuple<PostingsAreOfKnownAccounts, PostingsSumToZero,
                              AccountsStayWithinLimits, RightsArePaid, MoneyEntersByDepositAlone>;

template <class Invariant>
bool violated(const State& before, const pb::LedgerEvent& event, const Lines& lines,
              std::optional<Violation>& violation) {
  if (auto finding = Invariant::check(before, event, lines)) {
    violation = Violation{Invariant::name, Invariant::sentence, *finding};
  }
  return violation.has_value();
}

}  // namespace

std::optional<Violation> find_violation(const State& before, const pb::LedgerEvent& event) {
  const auto lines = read_postings(event);
  if (!lines)
    return Violation{"postings_readable", "Postings are well formed.", lines.error().message};
  std::optional<Violation> violation;
  std::apply(
      [&](auto... invariant) {
        (violated<decltype(invariant)>(before, event, *lines, violation) || ...);
      },
      Invariants{});
  return violation;
}

}  // namespace fl::ledger

#include "core/ledger/rule_parts.hpp"

namespace fl::ledger {
namespace {

const pb::PaymentLimits* limits_of(const State& state, std::string_view currency) {
  for (const auto& limits : state.fees.limits()) {
    if (limits.currency() == currency) return &limits;
  }
  return nullptr;
}

}  // namespace

Result<Money> read_price(const State& state, const pb::Price& price, const std::string& field) {
  const auto currency = Currency::parse(price.currency());
  const auto decimals = currency ? state.decimals(*currency) : std::nullopt;
  if (!decimals) {
    return malformed("currency_unknown", field + ".currency",
                     "The currency is not one of this platform's.");
  }
  if (price.amount() < 0) {
    return malformed("amount_negative", field + ".amount", "An amount is not below zero.");
  }
  const Money money{price.amount(), *currency};
  const auto* limits = limits_of(state, currency->code());
  if (money.amount > 0 && limits != nullptr) {
    if (money.amount < limits->minimum()) {
      return malformed(
          "amount_too_small", field + ".amount",
          "The least payment is " + format_money({limits->minimum(), *currency}, *decimals) + ".");
    }
    if (money.amount > limits->maximum()) {
      return malformed("amount_too_large", field + ".amount",
                       "The greatest payment is " +
                           format_money({limits->maximum(), *currency}, *decimals) + ".");
    }
  }
  return money;
}

Result<Money> read_payment(const State& state, const pb::Price& price, const std::string& field) {
  auto money = read_price(state, price, field);
  if (money && money->amount == 0) {
    return malformed("amount_not_positive", field + ".amount", "An amount is above zero.");
  }
  return money;
}

Status check_funds(const State& state, const AccountId& payer, const Money& price) {
  if (state.balance(wallet_of(payer, price.currency)) < price.amount) {
    return refused(
        "insufficient_funds", "",
        "The wallet in " + std::string(price.currency.code()) + " holds less than the price.");
  }
  return {};
}

Amount fee_of(const pb::Price& price, std::uint32_t basis_points) {
  if (price.amount() < 0 || basis_points > 10'000) return -1;
  return basis_points_of(price.amount(), basis_points);
}

Result<const AccountRow*> known_account(const State& state, std::string_view raw_id,
                                        const std::string& field) {
  const auto* row =
      raw_id.size() == 16 ? state.accounts.find(AccountId::from_raw(raw_id)) : nullptr;
  if (row == nullptr) return not_found("account_unknown", field, "There is no such account.");
  return row;
}

Result<const AccountRow*> selling_creator(const State& state, std::string_view raw_id,
                                          const std::string& field) {
  auto row = known_account(state, raw_id, field);
  if (!row) return row;
  if ((*row)->role != pb::ROLE_CREATOR) {
    return refused("not_a_creator", field, "Only creators can do or get this.");
  }
  if (!(*row)->verified) {
    return refused("creator_not_verified", field,
                   "The creator has not been verified by staff yet.");
  }
  return row;
}

Status check_sealed(const pb::Sealed& sealed, std::string_view subject, const std::string& field,
                    std::size_t max_bytes) {
  constexpr std::size_t kTagBytes = 16;
  if (sealed.subject() != subject || sealed.nonce().size() != 12 ||
      sealed.ciphertext().size() < kTagBytes) {
    return malformed("not_sealed", field, "The text is not sealed under its author's key.");
  }
  if (sealed.ciphertext().size() > max_bytes + kTagBytes) {
    return malformed("field_too_long", field, fmt::format("At most {} bytes.", max_bytes));
  }
  return {};
}

}  // namespace fl::ledger

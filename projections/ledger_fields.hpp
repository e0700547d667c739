#pragma once

#include <optional>

#include "core/base/encoding.hpp"
#include "core/base/money.hpp"
#include "schemas/ledger.pb.h"

namespace fl {
namespace pb = ::fanledger::v1;
}

namespace fl::projections {

/// A price of a valid event. An unset one is zero of no currency.
inline Money money_of(const pb::Price& price) {
  return {price.amount(), Currency::parse(price.currency()).value_or(Currency{})};
}

inline void put_money(std::string& out, const Money& money) {
  put_i64(out, money.amount);
  put_bytes(out, money.currency.code());
}

inline Money read_money(BinaryReader& in) {
  const auto amount = in.i64();
  return {amount, Currency::parse(in.bytes()).value_or(Currency{})};
}

}  // namespace fl::projections

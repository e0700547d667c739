#pragma once

#include <algorithm>
#include <compare>
#include <string_view>

#include "core/base/ids.hpp"
#include "core/base/money.hpp"
#include "core/events/codec.hpp"

namespace fl::ledger {

/// One account of the books: whose, of which kind, in which currency.
struct BalanceKey {
  pb::AccountKind kind = pb::ACCOUNT_KIND_UNSPECIFIED;
  AccountId owner;  ///< zero for the platform's own accounts
  Currency currency;
  auto operator<=>(const BalanceKey&) const = default;
};
struct BalanceKeyHash {
  std::size_t operator()(const BalanceKey& key) const;
};

/// Two ids, the order of which matters: (buyer, post), (subscriber, creator).
struct PairKey {
  std::array<std::uint8_t, 32> bytes{};
  auto operator<=>(const PairKey&) const = default;
  std::string_view view() const {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  static PairKey from_raw(std::string_view raw);
};
template <class A, class B>
PairKey pair_key(const A& a, const B& b) {
  PairKey key;
  std::copy(a.bytes.begin(), a.bytes.end(), key.bytes.begin());
  std::copy(b.bytes.begin(), b.bytes.end(), key.bytes.begin() + 16);
  return key;
}
struct PairKeyHash {
  std::size_t operator()(const PairKey& key) const;
};

/// Where a command's fate is remembered: its id within the scope of its caller.
Digest command_key(pb::CallerKind kind, std::string_view caller, std::string_view command_id);

}  // namespace fl::ledger

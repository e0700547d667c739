#include "core/ledger/keys.hpp"

#include <cstring>

#include "core/base/encoding.hpp"

namespace fl::ledger {

std::size_t BalanceKeyHash::operator()(const BalanceKey& key) const {
  // Owners are digests; kind and currency only part the few accounts of one owner.
  std::size_t value = IdHash{}(key.owner) ^ (static_cast<std::size_t>(key.kind) << 56);
  for (char c : key.currency.code()) value = value * 31 + static_cast<std::uint8_t>(c);
  return value;
}

PairKey PairKey::from_raw(std::string_view raw) {
  PairKey key;
  if (raw.size() == key.bytes.size()) std::memcpy(key.bytes.data(), raw.data(), raw.size());
  return key;
}

std::size_t PairKeyHash::operator()(const PairKey& key) const {
  std::size_t a;
  std::size_t b;
  std::memcpy(&a, key.bytes.data(), sizeof a);
  std::memcpy(&b, key.bytes.data() + 16, sizeof b);
  return a ^ (b * 0x9e3779b97f4a7c15ULL);
}

Digest command_key(pb::CallerKind kind, std::string_view caller, std::string_view command_id) {
  std::string scope;
  put_u8(scope, static_cast<std::uint8_t>(kind));
  put_bytes(scope, caller);
  return sha256({"fanledger command v1", scope, command_id});
}

}  // namespace fl::ledger

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/base/ids.hpp"
#include "core/base/money.hpp"
#include "core/base/time.hpp"
#include "core/events/codec.hpp"
#include "core/ledger/keys.hpp"
#include "core/ledger/table.hpp"

namespace fl::ledger {

struct AccountRow {
  pb::Role role = pb::ROLE_UNSPECIFIED;
  bool verified = false;
  std::string username;
  Digest email_index;
  std::optional<Money> subscription_price;  ///< amount 0: a free follow
  std::uint64_t opened_seq = 0;
  std::uint64_t verified_seq = 0;  ///< of the event that last decided `verified`
};

struct MediaRow {
  AccountId owner;
  pb::MediaKind kind = pb::MEDIA_KIND_UNSPECIFIED;
  Digest manifest;
};

struct PostRow {
  AccountId author;
  MediaId media;
  bool premium = false;
  Money price;  ///< of a premium post
  bool deleted = false;
  std::uint64_t published_seq = 0;
  std::uint64_t deleted_seq = 0;
};

struct PurchaseRow {
  std::uint64_t seq = 0;
  Money price;
};

struct SubscriptionRow {
  std::uint64_t seq = 0;
  Money price;
  Instant ends;  ///< 0: a free follow, which has no end
  bool is_follow() const { return ends.ms == 0; }
  bool active_at(Instant now) const { return is_follow() || now < ends; }
};

struct StaffKeyRow {
  std::string public_key;
  pb::StaffRole role = pb::STAFF_ROLE_UNSPECIFIED;
  std::string name;
  bool revoked = false;
};

/// What a command became: enough to find its event again and to tell a repetition from an abuse.
struct CommandRow {
  Digest mac;
  std::uint64_t event_seq = 0;
  std::uint64_t offset = 0;  ///< of the record that holds the event
  std::uint32_t index = 0;   ///< within the batch
};

/// A recent head that staff sign over, so that a signature belongs to this history. One is kept at
/// most a second of ledger time.
struct Anchor {
  std::uint64_t event_seq = 0;  ///< the next event_seq when the head stood
  Digest head;
  Instant time;
};
inline constexpr std::size_t kAnchorsKept = 1024;
inline constexpr Duration kAnchorSpacing = seconds(1);

/// Everything that decisions are made from: a pure fold of the ledger.
struct State {
  std::string ledger_id;
  pb::Genesis genesis;
  pb::FeeSchedule fees;
  Instant time;
  std::uint64_t next_event_seq = 0;
  std::vector<Anchor> anchors;  ///< the oldest first

  Table<AccountId, AccountRow, IdHash> accounts;
  Table<std::string, AccountId, std::hash<std::string>> usernames;  ///< key in lower case
  Table<Digest, AccountId, DigestHash> emails;
  Table<BalanceKey, Amount, BalanceKeyHash> balances;
  Table<MediaId, MediaRow, IdHash> media;
  Table<PostId, PostRow, IdHash> posts;
  Table<PairKey, PurchaseRow, PairKeyHash> purchases;          ///< (buyer, post)
  Table<PairKey, SubscriptionRow, PairKeyHash> subscriptions;  ///< (subscriber, creator)
  Table<KeyId, StaffKeyRow, IdHash> staff_keys;
  Table<Digest, CommandRow, DigestHash> commands;  ///< key: command_key()

  Amount balance(const BalanceKey& key) const {
    const Amount* amount = balances.find(key);
    return amount ? *amount : 0;
  }
  /// The decimals of a currency of this ledger, or nothing when it has no such currency.
  std::optional<unsigned> decimals(const Currency& currency) const;
};

std::string lower_case(std::string_view ascii);

}  // namespace fl::ledger

#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/base/error.hpp"
#include "core/events/signature.hpp"
#include "core/ledger/apply.hpp"
#include "core/ledger/decide.hpp"
#include "core/ledger/postings.hpp"

namespace fl::test {

inline constexpr Instant kGenesisTime{1'767'225'600'000};  // 2026-01-01T00:00:00Z

// Names stand for things: the same name is the same id in every test.
AccountId account(std::string_view name);
PostId post(std::string_view name);
MediaId media(std::string_view name);
EntryId entry(std::string_view name);
Money usd(Amount amount);
Money btc(Amount amount);
pb::Price price(const Money& money);
pb::Sealed sealed_for(const AccountId& subject, std::string_view text);

/// A staff member's key from a fixed seed.
struct StaffKey {
  std::string seed;
  std::string public_key;
  KeyId id;
};
StaffKey staff_key(std::string_view name);

/// Two currencies, cuts of 10 / 20 / 50 %, the first admin's key is staff_key("root").
pb::Genesis test_genesis();

/// Drafts of commands, as an edge would make them. Each call is a command of its own: `again` makes
/// the same one another time.
namespace draft {
pb::LedgerEvent open(std::string_view name, pb::Role role);
pb::LedgerEvent set_price(std::string_view creator, const Money& price);
pb::LedgerEvent register_media(std::string_view media, std::string_view owner);
pb::LedgerEvent publish(std::string_view post, std::string_view author,
                        std::optional<Money> premium = std::nullopt);  ///< of media of its name
pb::LedgerEvent remove(std::string_view post, std::string_view caller);
pb::LedgerEvent buy(std::string_view buyer, std::string_view post, const Money& shown);
pb::LedgerEvent subscribe(std::string_view subscriber, std::string_view creator,
                          const Money& shown);
pb::LedgerEvent tip(std::string_view from, std::string_view to, const Money& amount);
}  // namespace draft

/// Gives the draft its command id and the digest that goes with its body.
void stamp(pb::LedgerEvent& draft, std::string command_id);

/// A ledger in memory: commands go through `decide`, events through `apply`.
class World {
 public:
  World();

  /// When a command comes: its event, applied, or the refusal. A repetition gives the event that
  /// the command became before.
  Result<pb::LedgerEvent> when(const pb::LedgerEvent& command);

  /// What was given: must be accepted. Returns the world, to be chained.
  World& given(const pb::LedgerEvent& command);
  World& fan(std::string_view name);
  World& creator(std::string_view name);  ///< opened and verified
  World& funded(std::string_view name, const Money& amount);
  World& published(std::string_view post, std::string_view author,
                   std::optional<Money> premium = std::nullopt);  ///< with media of its name
  World& priced(std::string_view creator, const Money& price);
  World& staff(std::string_view name, pb::StaffRole role);
  World& later(Duration by);  ///< time goes on, and a batch ends

  /// What a staff member signs now: right in all respects, without a body.
  pb::StaffCommand order() const;
  pb::StaffCommand order_deposit(std::string_view to, const Money& amount) const;
  pb::StaffCommand order_verify(std::string_view creator) const;
  /// The draft of a signed command.
  static pb::LedgerEvent signed_by(std::string_view signer, const pb::StaffCommand& command);

  Amount wallet(std::string_view name, std::string_view currency = "USD") const;
  Amount earnings(std::string_view name, std::string_view currency = "USD") const;
  Amount fees(std::string_view currency = "USD") const;

  ledger::State state;
  Instant now = kGenesisTime;
  std::vector<pb::LedgerEvent> events;  ///< all that happened

 private:
  void end_batch();
  mutable std::uint64_t orders_ = 0;
};

}  // namespace fl::test

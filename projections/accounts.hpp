#pragma once

#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/money.hpp"
#include "core/base/sha256.hpp"
#include "core/base/time.hpp"
#include "projections/projection.hpp"

namespace fl::projections {

struct AccountRow {
  AccountId id;
  bool creator = false;  ///< else a fan
  std::string username;  ///< as it was written
  Digest email_index;
  std::string email;  ///< an encoded Sealed
  Instant opened;
  std::uint64_t opened_seq = 0;
  bool verified = false;
  std::uint64_t verified_seq = 0;           ///< event that last verified or withdrew; 0: none
  std::optional<Money> subscription_price;  ///< 0: a free follow; nothing: none set yet
  std::uint64_t price_seq = 0;              ///< event that set it
};

/// Who is there.
class Accounts : public Projection {
 public:
  Accounts() : Projection("accounts", 1) {}
  using Projection::apply;
  Status apply(Txn& txn, const LedgerEventAt& at) override;

  std::optional<AccountRow> by_id(const View& view, const AccountId& id) const;
  std::optional<AccountRow> by_username(const View& view, std::string_view username) const;
  std::optional<AccountRow> by_email_index(const View& view, const Digest& index) const;
};

}  // namespace fl::projections

#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

#include "api/platform.hpp"
#include "core/base/ids.hpp"
#include "core/base/money.hpp"
#include "core/events/codec.hpp"
#include "core/ledger/access.hpp"
#include "projections/read_models.hpp"

namespace fl::api {

/// JSON of what the read models hold, as one viewer may see it.
class Renderer {
 public:
  Renderer(Platform& platform, const projections::View& view, std::optional<AccountId> viewer)
      : platform_(platform), view_(view), viewer_(viewer) {}

  static nlohmann::json money(const Money& money);
  nlohmann::json account(const projections::AccountRow& row) const;
  /// A short form for lists: id and username.
  nlohmann::json author(const AccountId& id) const;
  nlohmann::json post(const projections::PostRow& row) const;
  nlohmann::json decision(const ledger::AccessDecision& decision) const;
  nlohmann::json comment(const CommentId& id, const activity::CommentRow& row) const;
  nlohmann::json message(const activity::MessageRow& row) const;
  nlohmann::json notice(const projections::Notice& notice) const;
  nlohmann::json statement_row(const projections::StatementRow& row) const;
  nlohmann::json subscription(const projections::SubscriptionRow& row, Instant now) const;

  /// A person's text, opened; null when its author was erased.
  nlohmann::json text(std::string_view sealed, std::string_view field) const;

  /// One sentence that tells what happened: "bob liked your post".
  std::string notice_text(const activity::NoticeRow& row) const;

 private:
  Platform& platform_;
  const projections::View& view_;
  std::optional<AccountId> viewer_;
};

const char* to_string(pb::NoticeKind kind);

}  // namespace fl::api

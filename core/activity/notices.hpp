#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/activity/act.hpp"

namespace fl::activity {

/// Of one account. Notices are numbered 0, 1, 2, … as they come; those below `read` are read.
struct NoticeHead {
  std::uint64_t total = 0;
  std::uint64_t read = 0;
  std::uint64_t read_up_to = 0;  ///< offset, inclusive, as last told; meaningless while read == 0
  std::uint64_t unread() const { return total - read; }
  bool operator==(const NoticeHead&) const = default;
};

struct NoticeRow {
  NoticeId id;
  pb::NoticeKind kind = pb::NOTICE_KIND_UNSPECIFIED;
  AccountId by;         ///< zero: the platform
  std::string subject;  ///< 16 bytes: post, media or conversation; or empty
  std::int64_t amount = 0;
  std::string currency;
  std::int64_t time_ms = 0;
  std::uint32_t partition = 0;
  std::uint64_t offset = 0;
  bool operator==(const NoticeRow&) const = default;
};

std::string encode(const NoticeHead& row);
std::optional<NoticeHead> decode_notice_head(std::string_view bytes);
std::string encode(const NoticeRow& row);
std::optional<NoticeRow> decode_notice(std::string_view bytes);

/// `known`: a notice of this id is there already. When applied, the notice's number is the total
/// before.
Verdict fold(NoticeHead& head, bool known, const Act& act, const pb::Noticed& body);
NoticeRow notice_of(const Act& act, const pb::Noticed& body);

/// `at_or_below`: how many of the account's notices stand at offsets up to `body.up_to()`.
Verdict fold(NoticeHead& head, std::uint64_t at_or_below, const Act& act,
             const pb::NoticesRead& body);

}  // namespace fl::activity

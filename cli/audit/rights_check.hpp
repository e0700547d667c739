#pragma once

#include <cstdint>
#include <vector>

#include "cli/audit/finding.hpp"
#include "core/base/ids.hpp"
#include "core/ledger/state.hpp"

namespace fl::cli {

/// An activity event whose right stands in the ledger: what the admitting node had to look at.
struct RightsCheck {
  enum class Kind : std::uint8_t {
    actor,      ///< no more than having an account
    like,       ///< the post may be seen to exist
    unlike,     ///< the post was published
    comment,    ///< the work may be seen
    uncomment,  ///< the comment's author, or the post's
    message,    ///< the two may chat
  };
  std::uint64_t checked_at = 0;  ///< the ledger's next offset then
  std::uint64_t offset = 0;
  std::int64_t time_ms = 0;
  std::uint32_t partition = 0;
  Kind kind = Kind::actor;
  bool to_has_written = false;  ///< of a message
  AccountId actor;
  std::array<std::uint8_t, 16> about{};  ///< post, or whom the message is to
  AccountId comment_author;              ///< of `uncomment`
};

/// Holds the check against the ledger as of `checked_at`. The policy is the one that every edge
/// uses; the time is the event's, which may not lie more than a minute before the ledger's then.
void check_right(const RightsCheck& check, const ledger::State& state, Findings& findings);

Finding activity_finding(std::string code, std::uint32_t partition, std::uint64_t offset,
                         std::string detail);

}  // namespace fl::cli

#pragma once

#include <optional>
#include <string>

#include "core/base/ids.hpp"
#include "core/base/time.hpp"
#include "core/ledger/state.hpp"

namespace fl::ledger {

/// What of a post somebody wants.
enum class Artefact {
  listing,  ///< that it exists, its caption, poster, preview, counts
  work,     ///< the photo or video itself, and what is said about it
};

/// All that the decision is made from: facts of the ledger, gathered by whoever asks.
struct AccessFacts {
  std::optional<AccountId> viewer;  ///< nothing: not logged in
  PostRow post;
  std::optional<PurchaseRow> purchase;          ///< of this post by the viewer
  std::optional<SubscriptionRow> subscription;  ///< of the viewer to the author
  Instant now;
};

/// A decision that explains itself: `code` for programs, `reason` for people, `event_seq` the event
/// that it rests on, if any.
struct AccessDecision {
  bool allowed = false;
  std::string code;
  std::string reason;
  std::optional<std::uint64_t> event_seq;
};

/// The one access policy: used by every edge that shows anything of a post.
AccessDecision decide_access(Artefact artefact, const AccessFacts& facts);

/// Facts as the fold of the ledger has them; nothing when there is no such post.
std::optional<AccessFacts> access_facts(const State& state, std::optional<AccountId> viewer,
                                        const PostId& post, Instant now);

/// Who may write to whom: an active subscription or follow between the two, either way, and the
/// subscriber writes first.
struct ChatFacts {
  AccountId from;
  AccountId to;
  std::optional<SubscriptionRow> from_subscribes;  ///< of `from` to `to`
  std::optional<SubscriptionRow> to_subscribes;    ///< of `to` to `from`
  bool to_has_written = false;
  Instant now;
};
AccessDecision decide_chat(const ChatFacts& facts);

}  // namespace fl::ledger

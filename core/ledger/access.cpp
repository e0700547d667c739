#include "core/ledger/access.hpp"

#include <fmt/format.h>

namespace fl::ledger {
namespace {

AccessDecision allow(std::string code, std::string reason,
                     std::optional<std::uint64_t> seq = std::nullopt) {
  return {true, std::move(code), std::move(reason), seq};
}
AccessDecision deny(std::string code, std::string reason,
                    std::optional<std::uint64_t> seq = std::nullopt) {
  return {false, std::move(code), std::move(reason), seq};
}

}  // namespace

AccessDecision decide_access(Artefact artefact, const AccessFacts& facts) {
  const auto& post = facts.post;
  const bool author = facts.viewer == post.author;
  if (post.deleted) {
    // Deleting hides a post from all but its buyers: what was paid for stays.
    if (facts.purchase) {
      return allow("purchased", "You bought this post.", facts.purchase->seq);
    }
    return deny("deleted", "The post was deleted by its author.", post.deleted_seq);
  }
  if (artefact == Artefact::listing) return allow("listed", "Anybody may see that a post exists.");
  if (!post.premium) return allow("free", "The post is free to see.", post.published_seq);
  if (!facts.viewer) return deny("login_required", "Log in to see premium posts.");
  if (author) return allow("author", "The post is yours.", post.published_seq);
  if (facts.purchase) return allow("purchased", "You bought this post.", facts.purchase->seq);
  if (!facts.subscription) {
    return deny("payment_required", "Buy the post, or subscribe to its creator.");
  }
  const auto& subscription = *facts.subscription;
  if (subscription.is_follow()) {
    return deny("follow_only", "A free follow does not open premium posts.", subscription.seq);
  }
  if (!subscription.active_at(facts.now)) {
    return deny("subscription_ended",
                fmt::format("Your subscription ended at {}.", to_rfc3339(subscription.ends)),
                subscription.seq);
  }
  return allow("subscribed", "You subscribe to the creator.", subscription.seq);
}

std::optional<AccessFacts> access_facts(const State& state, std::optional<AccountId> viewer,
                                        const PostId& post_id, Instant now) {
  const auto* post = state.posts.find(post_id);
  if (post == nullptr) return std::nullopt;
  AccessFacts facts{viewer, *post, std::nullopt, std::nullopt, now};
  if (viewer) {
    if (const auto* row = state.purchases.find(pair_key(*viewer, post_id))) facts.purchase = *row;
    if (const auto* row = state.subscriptions.find(pair_key(*viewer, post->author))) {
      facts.subscription = *row;
    }
  }
  return facts;
}

AccessDecision decide_chat(const ChatFacts& facts) {
  if (facts.from == facts.to) return deny("own_account", "Nobody writes to themselves.");
  if (facts.from_subscribes && facts.from_subscribes->active_at(facts.now)) {
    return allow("subscribed", "You subscribe to them.", facts.from_subscribes->seq);
  }
  if (facts.to_subscribes && facts.to_subscribes->active_at(facts.now)) {
    if (facts.to_has_written) {
      return allow("subscriber_wrote", "Your subscriber has written to you.",
                   facts.to_subscribes->seq);
    }
    return deny("subscriber_writes_first", "A subscriber writes first.", facts.to_subscribes->seq);
  }
  return deny("no_subscription", "Neither of you subscribes to the other.");
}

}  // namespace fl::ledger

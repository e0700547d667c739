#include "cli/audit/rights_check.hpp"

#include <fmt/format.h>

#include "core/ledger/access.hpp"

namespace fl::cli {
namespace {

using Kind = RightsCheck::Kind;

/// Clocks of nodes may differ from the ledger's by this much.
constexpr Duration kClockTolerance = minutes(1);

ledger::AccessDecision denied(std::string code, std::string reason) {
  return {false, std::move(code), std::move(reason), std::nullopt};
}

ledger::AccessDecision decide_post(const RightsCheck& check, const ledger::State& state) {
  PostId post;
  post.bytes = check.about;
  const auto facts = ledger::access_facts(state, check.actor, post, Instant{check.time_ms});
  if (!facts) return denied("post_unknown", "There is no such post.");
  switch (check.kind) {
    case Kind::like:
      return ledger::decide_access(ledger::Artefact::listing, *facts);
    case Kind::comment:
      return ledger::decide_access(ledger::Artefact::work, *facts);
    case Kind::uncomment:
      if (check.actor == check.comment_author || check.actor == facts->post.author) break;
      return denied("not_the_author", "Only its author or the post's deletes a comment.");
    case Kind::unlike:
    case Kind::actor:
    case Kind::message:
      break;
  }
  return {true, "", "", std::nullopt};
}

ledger::AccessDecision decide_message(const RightsCheck& check, const ledger::State& state) {
  AccountId to;
  to.bytes = check.about;
  if (!state.accounts.contains(to)) return denied("account_unknown", "Nobody receives it.");
  ledger::ChatFacts facts;
  facts.from = check.actor;
  facts.to = to;
  facts.now = {check.time_ms};
  facts.to_has_written = check.to_has_written;
  if (const auto* row = state.subscriptions.find(ledger::pair_key(check.actor, to)))
    facts.from_subscribes = *row;
  if (const auto* row = state.subscriptions.find(ledger::pair_key(to, check.actor)))
    facts.to_subscribes = *row;
  return ledger::decide_chat(facts);
}

}  // namespace

Finding activity_finding(std::string code, std::uint32_t partition, std::uint64_t offset,
                         std::string detail) {
  return {Finding::Severity::error, std::move(code), "activity", partition, offset, std::nullopt,
          std::move(detail)};
}

void check_right(const RightsCheck& check, const ledger::State& state, Findings& findings) {
  const auto add = [&](const char* code, std::string detail) {
    findings.add(activity_finding(code, check.partition, check.offset, std::move(detail)));
  };
  if (!state.accounts.contains(check.actor)) {
    add("actor_unknown", fmt::format("At ledger offset {} there was no account {}.",
                                     check.checked_at, check.actor.str()));
    return;
  }
  if (Instant{check.time_ms} + kClockTolerance < state.time) {
    add("time_before_ledger",
        fmt::format("Its time {} lies before the ledger's, {}, at the offset {} that it names.",
                    to_rfc3339({check.time_ms}), to_rfc3339(state.time), check.checked_at));
    return;
  }
  if (check.kind == Kind::actor) return;
  const auto decision =
      check.kind == Kind::message ? decide_message(check, state) : decide_post(check, state);
  if (decision.allowed) return;
  add("right_missing",
      fmt::format("At ledger offset {} {} had no right to it: {} ({})", check.checked_at,
                  check.actor.str(), decision.reason, decision.code));
}

}  // namespace fl::cli

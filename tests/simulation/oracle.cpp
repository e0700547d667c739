#include "tests/simulation/oracle.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/ledger/decide.hpp"
#include "core/ledger/postings.hpp"
#include "core/ledger/state_codec.hpp"

namespace fl::sim {
namespace {

[[noreturn]] void violated(const std::string& what) {
  throw Violation(what);
}

/// Answers that say: nothing was done, and nothing will be.
bool says_not_taken(const Error& error) {
  return error.code == "owner_unavailable" || error.code == "deadline_passed" ||
         error.code == "clock_jumped";
}

}  // namespace

Oracle::Oracle(const std::vector<std::string>& log, Coverage& coverage)
    : log_(log), coverage_(coverage) {
  chains_.push_back(truth_.chain());
  for (log::Offset at = 0; at < log_.size(); ++at) landed(at, log_[at]);
}

Digest Oracle::key_of(const pb::LedgerEvent& draft) {
  const auto& origin = draft.origin();
  return ledger::command_key(origin.caller_kind(), origin.caller(), origin.command_id());
}

void Oracle::landed(log::Offset offset, const std::string& stored) {
  const auto visit = [&](const pb::LedgerEvent& event, const ledger::EventPlace& place) {
    if (!done_.try_emplace(key_of(event), Done{place, events::encode(event)}).second) {
      violated("a command was carried out twice");
    }
  };
  auto fed = truth_.feed(offset, stored, visit);
  if (!fed) violated(fmt::format("readers halt: {}", fed.error().message));
  chains_.push_back(truth_.chain());
  switch (fed->verdict) {
    case events::Verdict::genesis:
      return;
    case events::Verdict::batch:
      coverage_.note(Happened::batch_valid);
      if (fed->record.batch().events_size() == 0) coverage_.note(Happened::batch_of_refusals);
      return;
    case events::Verdict::fence:
      return coverage_.note(Happened::fence_valid);
    case events::Verdict::void_record: {
      pb::LedgerRecord record;
      if (!record.ParseFromString(stored)) return;
      if (record.has_fence()) coverage_.note(Happened::fence_void);
      if (record.has_batch()) coverage_.note(Happened::batch_void);
      return;
    }
  }
}

void Oracle::answered(Attempt& attempt, const owner::Outcome& outcome, bool serves) {
  if (attempt.answered) violated(fmt::format("attempt {} was answered twice", attempt.number));
  attempt.answered = true;
  note(outcome, serves);
  const auto key = key_of(attempt.draft);
  if (outcome) {
    open_ended_.insert(key);
    return carried_out(attempt, *outcome);
  }
  const auto& code = outcome.error().code;
  if (says_not_taken(outcome.error())) {
    ++not_taken_[key];
  } else if (code == "outcome_unknown") {
    open_ended_.insert(key);
  } else if (code == log::kLogFailed) {  // a repetition that could not be read again
    open_ended_.insert(key);
    if (!done_.contains(key)) violated("a command that is not in the log was taken for repeated");
  } else {
    ++not_taken_[key];
    refused(attempt, outcome.error());
  }
}

void Oracle::note(const owner::Outcome& outcome, bool serves) {
  if (outcome) {
    coverage_.note(outcome->repeated ? Happened::repetition : Happened::success);
    if (!serves) coverage_.note(Happened::success_after_step_down);
    return;
  }
  const auto& code = outcome.error().code;
  if (code == "owner_unavailable") return coverage_.note(Happened::unavailable);
  if (code == "deadline_passed") return coverage_.note(Happened::deadline_passed);
  if (code == "clock_jumped") return coverage_.note(Happened::clock_jumped);
  if (code == "outcome_unknown") return coverage_.note(Happened::unknown);
  if (code == log::kLogFailed) return coverage_.note(Happened::read_failed);
  coverage_.note(code == "idempotency_key_reused" ? Happened::key_reused : Happened::refusal);
  if (!serves) coverage_.note(Happened::refusal_after_step_down);
}

void Oracle::carried_out(const Attempt& attempt, const owner::Accepted& accepted) const {
  const auto& told = accepted.place;
  const auto say = [&](const std::string& what) {
    violated(fmt::format("attempt {} was told that it stands at {}[{}] as event {}, but {}",
                         attempt.number, told.offset, told.index, told.seq, what));
  };
  const auto found = done_.find(key_of(attempt.draft));
  if (found == done_.end()) return say("no valid batch holds it");
  const auto& place = found->second.place;
  if (place.offset != told.offset || place.index != told.index || place.seq != told.seq ||
      place.time != told.time) {
    say(fmt::format("it stands at {}[{}] as event {}", place.offset, place.index, place.seq));
  }
  if (events::encode(accepted.event) != found->second.event) say("the event there is another");
  if (accepted.event.origin().command_mac() != attempt.draft.origin().command_mac()) {
    say("that is another command");
  }
  if (!accepted.repeated && told.offset < attempt.submitted_at) {
    say("it was submitted after that, and is not called repeated");
  }
}

void Oracle::refused(const Attempt& attempt, const Error& error) {
  refusals_.push_back({attempt.draft, error, attempt.submitted_at, log_.size(), false});
}

void Oracle::look_at(const owner::Candidate& candidate, const Digest& last_fence) {
  if (!candidate.health()) {
    violated("a candidate gave up: " + candidate.health().error().message);
  }
  const auto& chain = candidate.chain();
  if (chain.next_offset >= chains_.size()) {
    violated(fmt::format("a candidate has read to {}, beyond the end", chain.next_offset));
  }
  if (chain != chains_[chain.next_offset]) {
    violated(fmt::format("a candidate believes in another history before {}", chain.next_offset));
  }
  if (candidate.phase() == owner::Candidate::Phase::serving && chain.fence_record != last_fence) {
    violated("a candidate serves upon another fence than the one that it sent last");
  }
}

void Oracle::snapshot(const events::ChainState& chain, const ledger::State& state) {
  if (chain.next_offset == 0) violated("a snapshot of nothing");
  if (chain.next_offset >= chains_.size() || chain != chains_[chain.next_offset]) {
    violated(fmt::format("a snapshot of another history before {}", chain.next_offset));
  }
  snapshots_.emplace(chain.next_offset, ledger::state_digest(state));
}

void Oracle::justify(log::Offset from, log::Offset to, const ledger::State& state, Instant time) {
  for (auto i = first_open_refusal_; i < refusals_.size() && refusals_[i].from <= from; ++i) {
    auto& refusal = refusals_[i];
    if (refusal.justified || refusal.to < to) continue;
    const auto decision = ledger::decide(state, {refusal.draft}, time);
    refusal.justified = !decision && decision.error() == refusal.error;
  }
}

void Oracle::finish() {
  std::ranges::stable_sort(refusals_, {}, &Refusal::from);
  ledger::Replica reader;
  std::map<Digest, std::size_t> times;
  for (log::Offset at = 0; at < log_.size(); ++at) {
    // Between two records, and between two events of one: wherever a decision may have been taken.
    justify(at, at, reader.state(), reader.state().time);
    const auto fed = reader.feed(at, log_[at], [&](const auto& event, const auto& place) {
      if (++times[key_of(event)] > 1) violated("a command was carried out twice");
      justify(at, at + 1, reader.state(), place.time);
    });
    if (!fed) violated("a fresh reader halts: " + fed.error().message);
    if (fed->verdict == events::Verdict::batch) {
      justify(at, at + 1, reader.state(), Instant{fed->record.batch().time_ms()});
    }
    const auto [first, last] = snapshots_.equal_range(at + 1);
    for (auto snapshot = first; snapshot != last; ++snapshot) {
      if (snapshot->second != ledger::state_digest(reader.state())) {
        violated(fmt::format("a snapshot at {} holds another state than the log", at + 1));
      }
    }
    while (first_open_refusal_ < refusals_.size() && refusals_[first_open_refusal_].justified) {
      ++first_open_refusal_;
    }
  }
  justify(log_.size(), log_.size(), reader.state(), reader.state().time);
  for (const auto& refusal : refusals_) {
    if (refusal.justified) continue;
    violated(fmt::format("{} was refused with {}, but not by any state between {} and {}",
                         refusal.draft.origin().command_id(), refusal.error.code, refusal.from,
                         refusal.to));
  }
  for (const auto& [key, answers] : not_taken_) {
    if (!open_ended_.contains(key) && done_.contains(key)) {
      violated("a command was carried out, but every answer to it said that it was not");
    }
  }
  if (reader.chain() != truth_.chain()) violated("two readers of one log part ways");
  check_wallets(reader.state());
}

void Oracle::check_wallets(const ledger::State& state) const {
  const auto dollars = *Currency::parse("USD");
  state.accounts.for_each([&](const AccountId& id, const ledger::AccountRow& row) {
    if (state.balance(ledger::wallet_of(id, dollars)) < 0) {
      violated("the wallet of " + row.username + " is below zero");
    }
  });
}

}  // namespace fl::sim

#include "tests/protocol/invariant.hpp"

#include <algorithm>
#include <array>

#include "tests/protocol/rule.hpp"

namespace fl::protocol {
namespace {

const Request& request_of(const Setup& setup, const Answer& answer) {
  return setup.requests[static_cast<std::size_t>(answer.request)];
}

bool batch_landed(const Happened& happened, bool landed_valid) {
  return happened.landed && happened.landed_valid == landed_valid &&
         happened.record.kind == Kind::batch;
}

bool answered(const Happened& happened, Outcome outcome) {
  return std::any_of(happened.answers.begin(), happened.answers.end(),
                     [&](const Answer& answer) { return answer.asked.outcome == outcome; });
}

bool acknowledged_is_in_its_place(const Setup& setup, const World& after,
                                  const Happened& happened) {
  return std::all_of(happened.answers.begin(), happened.answers.end(), [&](const Answer& answer) {
    if (answer.asked.outcome != Outcome::carried_out) return true;
    const auto command = static_cast<std::size_t>(request_of(setup, answer).command);
    return after.truth.place[command] != 0 && after.truth.place[command] == answer.asked.detail;
  });
}

bool nothing_is_applied_twice(const Setup&, const World&, const Happened& happened) {
  return !batch_landed(happened, true) ||
         (happened.record.commands & carried_out(happened.before)) == 0;
}

bool no_overdraft(const Setup& setup, const World& after, const Happened&) {
  return balance(setup, after.truth) >= 0;
}

bool refusals_were_justified(const Setup&, const World&, const Happened& happened) {
  return std::all_of(happened.answers.begin(), happened.answers.end(), [](const Answer& answer) {
    return answer.asked.outcome != Outcome::refused || answer.asked.witnessed != 0;
  });
}

bool balances_were_true(const Setup&, const World&, const Happened& happened) {
  return std::all_of(happened.answers.begin(), happened.answers.end(), [](const Answer& answer) {
    return answer.asked.outcome != Outcome::balance ||
           (answer.asked.witnessed >> answer.asked.detail & 1) != 0;
  });
}

bool decided_on_its_head(const Setup& setup, const World&, const Happened& happened) {
  return setup.judge_by_harm || !batch_landed(happened, true) ||
         happened.record.prev == happened.before.head;
}

constexpr std::array kInvariants = {
    Invariant{"what was acknowledged is in the valid chain, at the place that was told",
              acknowledged_is_in_its_place},
    Invariant{"no command is carried out twice", nothing_is_applied_twice},
    Invariant{"no balance is overdrawn", no_overdraft},
    Invariant{"a refusal was right at a moment between request and answer",
              refusals_were_justified},
    Invariant{"a balance was true at a moment between request and answer", balances_were_true},
    Invariant{"a valid batch was decided on the head below it: no two on the same",
              decided_on_its_head},
};

constexpr std::array kSights = {
    Sight{"a success",
          [](const Setup&, const World&, const Happened& happened) {
            return answered(happened, Outcome::carried_out);
          }},
    Sight{"a refusal",
          [](const Setup&, const World&, const Happened& happened) {
            return answered(happened, Outcome::refused);
          }},
    Sight{"an unknown outcome",
          [](const Setup&, const World&, const Happened& happened) {
            return answered(happened, Outcome::unknown);
          }},
    Sight{"a success told of a command that another owner carried out",
          [](const Setup&, const World& after, const Happened& happened) {
            return std::any_of(
                happened.answers.begin(), happened.answers.end(), [&](const Answer& answer) {
                  if (answer.asked.outcome != Outcome::carried_out) return false;
                  return std::any_of(after.log.begin(), after.log.begin() + after.length,
                                     [&](const Record& record) {
                                       return record.kind == Kind::batch &&
                                              record.seq + 1 == answer.asked.detail &&
                                              maker(record.id) != answer.asked.owner;
                                     });
                });
          }},
    Sight{"a void batch", [](const Setup&, const World&,
                             const Happened& happened) { return batch_landed(happened, false); }},
    Sight{"a void fence",
          [](const Setup&, const World&, const Happened& happened) {
            return happened.landed && !happened.landed_valid && happened.record.kind == Kind::fence;
          }},
    Sight{"a valid batch in the second epoch",
          [](const Setup&, const World&, const Happened& happened) {
            return batch_landed(happened, true) && happened.record.epoch > 1;
          }},
    Sight{"a valid batch of an owner that waits for it no more",
          [](const Setup&, const World& after, const Happened& happened) {
            if (!batch_landed(happened, true)) return false;
            const auto& owner = after.owners[static_cast<std::size_t>(maker(happened.record.id))];
            return std::none_of(owner.sent.begin(), owner.sent.end(), [&](const Record& record) {
              return record.id == happened.record.id;
            });
          }},
};
static_assert(kSights.size() <= 32);

}  // namespace

std::span<const Invariant> invariants() {
  return kInvariants;
}
std::span<const Sight> sights() {
  return kSights;
}

}  // namespace fl::protocol

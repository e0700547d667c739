#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/owner/candidate.hpp"
#include "tests/owner/house.hpp"
#include "tests/support/chain_writer.hpp"

namespace fl::test {

using owner::Candidate;

/// An answer that is there once it is given.
using Answer = std::shared_ptr<std::optional<owner::Outcome>>;

/// A candidate whose appends go nowhere until a test lets them land in the log, in any order.
class CandidateBench : public owner::Journal {
 public:
  struct Sent {
    Ticket ticket = 0;
    std::string stored;
  };

  /// A ledger that `another` owns: Ann sells a clip for 5.00, Bob has 20.00.
  CandidateBench() {
    World world;
    put(another.write(ChainWriter::genesis(test_genesis())));
    ledger::apply_genesis(world.state, test_genesis(), another.chain.head);
    fenced_by_another();
    world.creator("ann").fan("bob").funded("bob", usd(2'000)).published("clip", "ann", usd(500));
    std::vector<std::string> events;
    for (const auto& event : world.events) events.push_back(events::encode(event));
    put(another.write(another.batch(events, world.now)));
    options.name = {"node", "tls://node:1"};
  }

  void start() {
    candidate = std::make_unique<Candidate>(
        static_cast<Journal&>(*this), clock,
        [this](std::size_t bytes) { return std::string(bytes, static_cast<char>(++draws_)); },
        [this]() -> Result<std::unique_ptr<ledger::Replica>> {
          ++restored;
          return std::make_unique<ledger::Replica>();
        },
        options);
    REQUIRE(candidate->begin());
  }
  /// Reads on to the end of the log, and does what can be done.
  void read() {
    while (candidate->health() && candidate->wanted() < log.size()) {
      const auto at = candidate->wanted();
      static_cast<void>(candidate->take(at, log[at]));
    }
    candidate->reached(log.size());
    step();
  }
  void step() { static_cast<void>(candidate->step(std::chrono::steady_clock::now())); }

  void serve() {
    if (!candidate) start();
    candidate->may_try(true);
    read();
    land_next();
    read();
    REQUIRE(candidate->phase() == Candidate::Phase::serving);
  }

  Answer submit(pb::LedgerEvent command,
                Candidate::Deadline deadline = Candidate::Deadline::max()) {
    auto answer = std::make_shared<std::optional<owner::Outcome>>();
    candidate->submit(
        {std::move(command)},
        [answer](owner::Outcome outcome) {
          CHECK_FALSE(answer->has_value());
          *answer = std::move(outcome);
        },
        deadline);
    return answer;
  }
  /// Submitted, and decided.
  Answer decide(pb::LedgerEvent command) {
    auto answer = submit(std::move(command));
    step();
    return answer;
  }

  /// The next append that is still under way lands.
  log::Offset land_next() {
    REQUIRE(landed_ < sent.size());
    put(sent[landed_++].stored);
    return log.size() - 1;
  }
  /// It never will.
  void lose_next() { ++landed_; }
  std::size_t under_way() const { return sent.size() - landed_; }

  void put(std::string stored) { log.push_back(std::move(stored)); }
  /// Another node's fence after all that the log holds.
  void fenced_by_another() {
    another.chain = chain();
    put(another.write(another.fence()));
  }
  events::ChainState chain() const {
    events::ChainState state;
    for (log::Offset at = 0; at < log.size(); ++at) {
      REQUIRE(events::read_record(state, at, log[at]));
    }
    return state;
  }

  void append(Ticket ticket, const std::string& stored) override {
    sent.push_back({ticket, stored});
  }
  Result<std::string> read(log::Offset offset) override {
    ++read_again;
    return log.at(offset);
  }

  std::vector<std::string> log;
  std::vector<Sent> sent;
  ChainWriter another;
  HandClock clock;
  owner::CandidateOptions options;
  std::unique_ptr<Candidate> candidate;
  int restored = 0;
  int read_again = 0;

 private:
  std::size_t landed_ = 0;
  int draws_ = 0;
};

inline Failure log_failed() {
  return fail(ErrorClass::unavailable, log::kLogFailed, "", "The append failed.");
}
inline std::string code_of(const Answer& answer) {
  if (!answer->has_value()) return "no answer yet";
  return **answer ? "carried out" : (**answer).error().code;
}

}  // namespace fl::test

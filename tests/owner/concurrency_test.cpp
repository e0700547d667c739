#include <doctest/doctest.h>

#include <thread>

#include "tests/owner/house.hpp"

using namespace fl;
using namespace fl::test;

namespace {
constexpr int kThreads = 8;
constexpr int kEach = 40;

/// Runs the act in eight threads at once, with the number of each.
template <class Act>
void at_once(Act act) {
  std::vector<std::thread> threads;
  std::atomic<bool> go = false;
  for (int thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      while (!go) std::this_thread::yield();
      act(thread);
    });
  }
  go = true;
  for (auto& thread : threads) thread.join();
}
}  // namespace

TEST_CASE("[D3] eight threads that spend one wallet never overdraw it, and spend it to the last") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);  // 20.00: twenty tips of 1.00
  std::atomic<int> taken = 0;
  std::atomic<int> refused = 0;
  std::vector<std::vector<pb::LedgerEvent>> commands(kThreads);
  for (auto& own : commands) {
    for (int i = 0; i < kEach; ++i) own.push_back(draft::tip("bob", "ann", usd(100)));
  }
  at_once([&](int thread) {
    std::vector<Pending> pending;
    for (auto& command : commands[static_cast<std::size_t>(thread)]) {
      pending.push_back(submit(*owner, command));
    }
    for (auto& one : pending) {
      const auto outcome = one.get();
      if (outcome) {
        ++taken;
      } else if (outcome.error().code == "insufficient_funds") {
        ++refused;
      }
    }
  });
  CHECK(taken == 20);
  CHECK(refused == kThreads * kEach - 20);
  owner.reset();
  const auto state = house.replica();
  CHECK(state.state().balance(ledger::wallet_of(account("bob"), usd(0).currency)) == 0);
  CHECK(state.state().balance(ledger::earnings_of(account("ann"), usd(0).currency)) == 1'600);
}

TEST_CASE("[D4] deposits from eight threads are all there, and each once") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);
  std::atomic<int> taken = 0;
  at_once([&](int thread) {
    for (int i = 0; i < kEach; ++i) {
      const auto id = "deposit " + std::to_string(thread) + "/" + std::to_string(i);
      const auto command = house.deposit(*owner, "bob", usd(100), id);
      if (submit(*owner, command).get() && submit(*owner, command).get()) ++taken;
    }
  });
  CHECK(taken == kThreads * kEach);
  owner.reset();
  CHECK(house.replica().state().balance(ledger::wallet_of(account("bob"), usd(0).currency)) ==
        2'000 + kThreads * kEach * 100);
}

TEST_CASE("[D5] one command from eight threads is carried out once, and all get the same event") {
  House house;
  auto owner = house.start();
  house.furnish(*owner);
  const auto command = draft::buy("bob", "clip", usd(500));
  std::atomic<int> fresh = 0;
  std::vector<std::string> got(kThreads);
  at_once([&](int thread) {
    const auto outcome = submit(*owner, command).get();
    if (!outcome) return;
    if (!outcome->repeated) ++fresh;
    got[static_cast<std::size_t>(thread)] = events::encode(outcome->event);
  });
  CHECK(fresh == 1);
  for (const auto& event : got) CHECK(event == got.front());
  CHECK_FALSE(got.front().empty());
}

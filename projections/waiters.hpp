#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

#include "core/base/error.hpp"
#include "projections/position_token.hpp"

namespace fl::projections {

/// What is applied, and who waits for it. Thread-safe. Callbacks run outside its lock.
class Waiters {
 public:
  using Ticket = std::uint64_t;
  using Done = std::function<void(Status)>;

  explicit Waiters(std::size_t max) : max_(max) {}

  PositionToken applied() const;
  void publish(const PositionToken& applied);  ///< tells whom it reaches
  void end(const Error& why);                  ///< tells all, now and later

  Status wait_for(const PositionToken& token, std::chrono::steady_clock::time_point deadline);
  Ticket when_reached(const PositionToken& token, Done done);
  bool cancel(Ticket ticket);

 private:
  struct Waiter {
    PositionToken token;
    Done done;
  };
  const std::size_t max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  PositionToken applied_;
  Status ended_;
  std::map<Ticket, Waiter> waiting_;
  std::size_t blocked_ = 0;
  Ticket next_ticket_ = 1;
};

}  // namespace fl::projections

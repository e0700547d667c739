#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "core/log/live_bus.hpp"

namespace fl::log::contract {

/// What a subscription hears.
class Ear {
 public:
  explicit Ear(LiveBus& bus)
      : subscription_(bus.subscribe([this](std::string_view topic, std::string_view bytes) {
          const std::lock_guard lock(mutex_);
          heard_.push_back(std::string(topic) + "=" + std::string(bytes));
        })) {}
  std::vector<std::string> heard() const {
    const std::lock_guard lock(mutex_);
    return heard_;
  }
  bool has_heard(const std::string& message) const {
    const auto all = heard();
    return std::find(all.begin(), all.end(), message) != all.end();
  }
  void await(const std::string& message) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (!has_heard(message)) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between looks
    }
  }
  void close() { subscription_.reset(); }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> heard_;
  std::unique_ptr<LiveBus::Subscription> subscription_;
};

/// `here` and `there` are buses of two nodes, or one and the same.
inline void check_live_bus(LiveBus& here, LiveBus& there, const std::string& any_bytes) {
  here.publish("before", "nobody listens");
  // Whatever was said before has gone by when this comes back.
  Ear first(here);
  here.publish("begin", "");
  first.await("begin=");
  Ear one(here), other(there), leaver(there);
  for (int i = 0; i < 3; ++i) here.publish("topic", std::to_string(i));
  there.publish("bytes", any_bytes);
  here.publish("large", std::string(LiveBus::kMaxBytes + 1, 'x'));  // is lost
  // What two nodes say comes in any order, what one says in its own.
  for (const auto* ear : {&one, &other, &leaver}) {
    ear->await("bytes=" + any_bytes);
    ear->await("topic=2");
  }
  leaver.close();
  here.publish("end", "");
  one.await("end=");
  other.await("end=");
  CHECK_FALSE(leaver.has_heard("end="));
  for (const auto* ear : {&one, &other}) {
    std::vector<std::string> topics;
    for (const auto& each : ear->heard())
      if (each.starts_with("topic=")) topics.push_back(each);
    CHECK(topics == std::vector<std::string>{"topic=0", "topic=1", "topic=2"});
    for (const auto& each : ear->heard()) CHECK_FALSE(each.starts_with("large="));
  }
}

}  // namespace fl::log::contract

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <utility>

#include "api/http/awaitable.hpp"

namespace fl::http {

/// Calls `start` with a function that resumes this coroutine, on its own executor, when called
/// first (from any thread, also from within `start`). False when every copy of that function was
/// destroyed without a call. The coroutine's executor must outlive those copies: stop a Server
/// first, then what calls back, then destroy the Server.
boost::asio::awaitable<bool> suspend_until(std::function<void(std::function<void()>)> start);

struct CallbackDropped : std::runtime_error {
  CallbackDropped() : std::runtime_error("a callback was dropped without a call") {}
};

/// Turns `void start(std::function<void(T)>)` into an awaitable value. Only the first call counts.
/// Throws CallbackDropped when none can come any more.
template <class T>
boost::asio::awaitable<T> await_callback(std::function<void(std::function<void(T)>)> start) {
  struct Slot {
    std::atomic<bool> claimed = false;
    std::optional<T> value;
  };
  auto slot = std::make_shared<Slot>();
  std::function<void(std::function<void()>)> begin =
      [slot, start = std::move(start)](std::function<void()> resume) {
        start([slot, resume = std::move(resume)](T value) {
          if (slot->claimed.exchange(true)) return;
          slot->value.emplace(std::move(value));
          resume();
        });
      };
  const bool called = co_await suspend_until(std::move(begin));
  if (!called) throw CallbackDropped();
  co_return std::move(*slot->value);
}

}  // namespace fl::http

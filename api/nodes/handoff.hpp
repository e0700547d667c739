#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "api/http/asio.hpp"

namespace fl::nodes {

/// Hands items of any thread to the thread of an io_context, all that wait at once. Whoever puts
/// may outlive the taker: after `close` nothing is taken, and neither taker nor io_context touched.
template <class T>
class Handoff : public std::enable_shared_from_this<Handoff<T>> {
 public:
  using Take = std::function<void(std::vector<T>)>;

  Handoff(boost::asio::io_context& io, Take take) : io_(io), take_(std::move(take)) {}

  /// False, and the item untouched, once closed.
  bool put(T&& item) {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    items_.push_back(std::move(item));
    if (items_.size() == 1) {
      boost::asio::post(io_, [self = this->shared_from_this()] { self->take(); });
    }
    return true;
  }

  /// What was not taken. A bite that is being taken is not waited for.
  std::vector<T> close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    return std::exchange(items_, {});
  }

 private:
  void take() {
    std::vector<T> items;
    {
      const std::lock_guard lock(mutex_);
      items.swap(items_);
    }
    if (!items.empty()) take_(std::move(items));
  }

  boost::asio::io_context& io_;
  const Take take_;
  std::mutex mutex_;
  std::vector<T> items_;
  bool closed_ = false;
};

}  // namespace fl::nodes

#include "core/log/live_bus.hpp"

#include <map>
#include <mutex>

namespace fl::log {

struct LiveBus::Callbacks {
  std::recursive_mutex mutex;  // in memory, a callback that publishes is called within itself
  std::map<std::uint64_t, Callback> all;
  std::uint64_t next = 0;
};

LiveBus::LiveBus() : callbacks_(std::make_shared<Callbacks>()) {}
LiveBus::~LiveBus() = default;

std::unique_ptr<LiveBus::Subscription> LiveBus::subscribe(Callback callback) {
  const std::lock_guard lock(callbacks_->mutex);
  const auto number = callbacks_->next++;
  callbacks_->all[number] = std::move(callback);
  return std::make_unique<Subscription>(callbacks_, number);
}

void LiveBus::deliver(std::string_view topic, std::string_view bytes) {
  const std::lock_guard lock(callbacks_->mutex);
  for (const auto& [number, callback] : callbacks_->all) callback(topic, bytes);
}

LiveBus::Subscription::Subscription(std::shared_ptr<Callbacks> callbacks, std::uint64_t number)
    : callbacks_(std::move(callbacks)), number_(number) {}

LiveBus::Subscription::~Subscription() {
  const std::lock_guard lock(callbacks_->mutex);
  callbacks_->all.erase(number_);
}

void MemoryLiveBus::publish(std::string_view topic, std::string_view bytes) {
  if (topic.size() + bytes.size() <= kMaxBytes) deliver(topic, bytes);
}

}  // namespace fl::log

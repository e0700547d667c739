#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

namespace fl::log {

/// The stream `live` of the design: what is worth knowing now and nothing later, such as how far a
/// file is processed. Every node hears what any node says, itself too, if nothing goes wrong:
/// messages may be lost, or come twice, and who comes later does not hear what was said before.
/// Thread-safe.
class LiveBus {
 public:
  LiveBus();
  virtual ~LiveBus();
  LiveBus(const LiveBus&) = delete;
  LiveBus& operator=(const LiveBus&) = delete;

  static constexpr std::size_t kMaxBytes = 16 * 1024;  ///< of a message; a larger one is lost

  /// `topic` says what kind of message it is. Never waits, and says nothing of how it went.
  virtual void publish(std::string_view topic, std::string_view bytes) = 0;

  /// Called with each message, by one thread at a time. Quick; may not subscribe, nor end a
  /// subscription; may publish.
  using Callback = std::function<void(std::string_view topic, std::string_view bytes)>;
  /// Once this is gone, its callback is not called any more. It may outlive the bus.
  class Subscription;
  [[nodiscard]] std::unique_ptr<Subscription> subscribe(Callback callback);

 protected:
  void deliver(std::string_view topic, std::string_view bytes);

 private:
  struct Callbacks;
  const std::shared_ptr<Callbacks> callbacks_;
};

class LiveBus::Subscription {
 public:
  Subscription(std::shared_ptr<Callbacks> callbacks, std::uint64_t number);
  ~Subscription();
  Subscription(const Subscription&) = delete;
  Subscription& operator=(const Subscription&) = delete;

 private:
  const std::shared_ptr<Callbacks> callbacks_;
  const std::uint64_t number_;
};

/// The bus of one process: a message has been heard when `publish` returns.
class MemoryLiveBus : public LiveBus {
 public:
  void publish(std::string_view topic, std::string_view bytes) override;
};

}  // namespace fl::log

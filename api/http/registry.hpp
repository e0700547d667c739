#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <unordered_set>

namespace fl::http {

class Connection;

/// The connections that are open. Thread-safe.
class Registry {
 public:
  void add(std::shared_ptr<Connection> connection);
  void remove(const std::shared_ptr<Connection>& connection);
  void clear();  ///< before the io_context that their sockets belong to goes
  std::size_t size() const;
  void each(const std::function<void(Connection&)>& visit);
  bool wait_until_empty(std::chrono::milliseconds within);

 private:
  mutable std::mutex mutex_;
  std::condition_variable emptied_;
  std::unordered_set<std::shared_ptr<Connection>> open_;
};

}  // namespace fl::http

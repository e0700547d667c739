#include "api/http/registry.hpp"

#include "api/http/connection.hpp"

namespace fl::http {

void Registry::add(std::shared_ptr<Connection> connection) {
  std::lock_guard lock(mutex_);
  open_.insert(std::move(connection));
}

void Registry::remove(const std::shared_ptr<Connection>& connection) {
  std::lock_guard lock(mutex_);
  open_.erase(connection);
  if (open_.empty()) emptied_.notify_all();
}

void Registry::clear() {
  std::unordered_set<std::shared_ptr<Connection>> gone;
  std::lock_guard lock(mutex_);
  gone.swap(open_);
}

std::size_t Registry::size() const {
  std::lock_guard lock(mutex_);
  return open_.size();
}

void Registry::each(const std::function<void(Connection&)>& visit) {
  std::lock_guard lock(mutex_);
  for (const auto& connection : open_) visit(*connection);
}

bool Registry::wait_until_empty(std::chrono::milliseconds within) {
  std::unique_lock lock(mutex_);
  return emptied_.wait_for(lock, within, [this] { return open_.empty(); });
}

}  // namespace fl::http

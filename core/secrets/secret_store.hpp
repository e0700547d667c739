#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "core/base/error.hpp"
#include "core/log/log.hpp"

namespace fl::secrets {

/// What stands in the compacted stream `secrets`, folded in memory: the latest value of each key.
/// Every change is durable in the log before it is answered, and is seen here once it has been read
/// back from the log, so every node comes to the same answer in the log's order. Thread-safe.
/// The first byte of a key is its kind; the first 17 (kind and id) choose the partition, so what
/// belongs to one id can be written in one step.
class SecretStore {
 public:
  /// Folds the whole stream. The log must outlive the store.
  static Result<std::unique_ptr<SecretStore>> open(log::Log& log);
  ~SecretStore();
  SecretStore(const SecretStore&) = delete;
  SecretStore& operator=(const SecretStore&) = delete;

  std::optional<std::string> get(std::string_view key) const;
  struct Entry {
    std::string key;
    std::string value;
  };
  std::vector<Entry> with_prefix(std::string_view prefix, std::size_t at_most) const;

  /// Durable and visible on return. After `unavailable` the outcome is unknown, as the log says.
  Status put(std::string key, std::string value);
  Status erase(std::string key);
  /// In order; an empty value erases. What belongs to one id is written all or none.
  Status write(std::span<const log::NewRecord> records);

  /// Reads what other nodes have written up to now. What another node was told to be durable before
  /// this call is visible after it.
  Status refresh();

  /// Keeps doing that on a thread of its own, until the store goes. Call once.
  void follow();

  /// Calls the watcher for each present entry of this kind and then for each change, in the log's
  /// order; an erased key comes with an empty value. It is called with the store locked: it must be
  /// quick and must not call the store. Register before the store is shared between threads; what
  /// the watcher uses must outlive the store's use.
  using Watcher = std::function<void(std::string_view key, std::string_view value)>;
  void watch(char kind, Watcher watcher);

  std::size_t size() const;

 private:
  explicit SecretStore(log::Log& log);
  log::PartitionIndex partition_of(std::string_view key) const;
  /// Reads up to the end that stands when it begins, and at least to `target`.
  Status catch_up(log::PartitionIndex partition, log::Offset target);
  void apply(const log::Record& record);
  void run_follower(std::stop_token stop, log::PartitionIndex partition);

  log::Log& log_;
  std::mutex reading_;             ///< one reader of the log at a time; taken before entries_lock_
  std::vector<log::Offset> next_;  ///< by partition; guarded by reading_
  mutable std::shared_mutex entries_lock_;
  std::map<std::string, std::string, std::less<>> entries_;
  std::vector<std::pair<char, Watcher>> watchers_;
  std::vector<std::jthread> followers_;  ///< last: they stop before the rest goes
};

}  // namespace fl::secrets

#include "core/secrets/secret_store.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <utility>

#include "core/base/sha256.hpp"

namespace fl::secrets {
namespace {

using log::Stream;

constexpr std::size_t kIdBytes = 17;  // the kind and a 16-byte id
constexpr std::size_t kReadRecords = 4096;
constexpr std::size_t kReadBytes = 1024 * 1024;
constexpr std::size_t kMaxValueBytes = 64 * 1024;
constexpr auto kWaitForNews = std::chrono::milliseconds(200);
constexpr auto kPause = std::chrono::milliseconds(20);
constexpr auto kPauseAfterFailure = std::chrono::milliseconds(1000);

}  // namespace

SecretStore::SecretStore(log::Log& log) : log_(log), next_(log.partitions(Stream::secrets), 0) {}

SecretStore::~SecretStore() = default;

Result<std::unique_ptr<SecretStore>> SecretStore::open(log::Log& log) {
  std::unique_ptr<SecretStore> store(new SecretStore(log));
  if (auto read = store->refresh(); !read) return fail(read.error());
  return store;
}

std::optional<std::string> SecretStore::get(std::string_view key) const {
  const std::shared_lock lock(entries_lock_);
  const auto found = entries_.find(key);
  if (found == entries_.end()) return std::nullopt;
  return found->second;
}

std::vector<SecretStore::Entry> SecretStore::with_prefix(std::string_view prefix,
                                                         std::size_t at_most) const {
  const std::shared_lock lock(entries_lock_);
  std::vector<Entry> found;
  for (auto it = entries_.lower_bound(prefix);
       it != entries_.end() && found.size() < at_most && it->first.starts_with(prefix); ++it) {
    found.push_back({it->first, it->second});
  }
  return found;
}

Status SecretStore::put(std::string key, std::string value) {
  const log::NewRecord record{std::move(key), std::move(value)};
  return write({&record, 1});
}

Status SecretStore::erase(std::string key) {
  return put(std::move(key), {});
}

Status SecretStore::write(std::span<const log::NewRecord> records) {
  std::map<log::PartitionIndex, std::vector<log::NewRecord>> by_partition;
  for (const auto& record : records) {
    if (record.key.empty() || record.value.size() > kMaxValueBytes) {
      return fail(ErrorClass::malformed, "secret_malformed", "",
                  "A secret has a key, and a value of bounded size.");
    }
    by_partition[partition_of(record.key)].push_back(record);
  }
  for (const auto& [partition, part] : by_partition) {
    const auto first = log_.append(Stream::secrets, partition, part);
    if (!first) return fail(first.error());
    if (auto read = catch_up(partition, *first + part.size()); !read) return read;
  }
  return {};
}

Status SecretStore::refresh() {
  for (log::PartitionIndex p = 0; p < next_.size(); ++p) {
    const auto end = log_.end(Stream::secrets, p);
    if (!end) return fail(end.error());
    if (auto read = catch_up(p, *end); !read) return read;
  }
  return {};
}

log::PartitionIndex SecretStore::partition_of(std::string_view key) const {
  const Digest digest = sha256(key.substr(0, kIdBytes));
  const std::uint32_t spread = std::uint32_t{digest.bytes[0]} << 24 |
                               std::uint32_t{digest.bytes[1]} << 16 |
                               std::uint32_t{digest.bytes[2]} << 8 | digest.bytes[3];
  return spread % static_cast<log::PartitionIndex>(next_.size());
}

Status SecretStore::catch_up(log::PartitionIndex partition, log::Offset target) {
  const std::lock_guard reading(reading_);
  auto& next = next_[partition];
  while (next < target) {
    auto records = log_.read(Stream::secrets, partition, next, kReadRecords, kReadBytes);
    if (!records) return fail(records.error());
    if (records->empty()) {
      // Compaction may have taken what stood last: the log has nothing more up to its end.
      next = target;
      break;
    }
    const std::unique_lock lock(entries_lock_);
    for (const auto& record : *records) apply(record);
    next = records->back().offset + 1;
  }
  return {};
}

void SecretStore::apply(const log::Record& record) {
  if (record.value.empty()) {
    entries_.erase(record.key);
  } else {
    entries_.insert_or_assign(record.key, record.value);
  }
  for (const auto& [kind, watcher] : watchers_) {
    if (record.key.starts_with(kind)) watcher(record.key, record.value);
  }
}

void SecretStore::watch(char kind, Watcher watcher) {
  const std::unique_lock lock(entries_lock_);
  for (auto it = entries_.lower_bound(std::string_view(&kind, 1));
       it != entries_.end() && it->first.starts_with(kind); ++it) {
    watcher(it->first, it->second);
  }
  watchers_.emplace_back(kind, std::move(watcher));
}

std::size_t SecretStore::size() const {
  const std::shared_lock lock(entries_lock_);
  return entries_.size();
}

void SecretStore::follow() {
  for (log::PartitionIndex p = 0; p < next_.size(); ++p) {
    followers_.emplace_back([this, p](std::stop_token stop) { run_follower(std::move(stop), p); });
  }
}

void SecretStore::run_follower(std::stop_token stop, log::PartitionIndex partition) {
  std::mutex mutex;
  std::condition_variable_any never;
  const auto pause = [&](std::chrono::milliseconds time) {
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, time, [] { return false; });
  };
  while (!stop.stop_requested()) {
    log::Offset next = 0;
    {
      const std::lock_guard reading(reading_);
      next = next_[partition];
    }
    if (!log_.wait_beyond(Stream::secrets, partition, next, kWaitForNews)) {
      pause(kPause);  // a log that was told to stop waiting returns at once
      continue;
    }
    const auto end = log_.end(Stream::secrets, partition);
    const Status read = end ? catch_up(partition, *end) : Status(fail(end.error()));
    if (!read) {
      spdlog::error(fmt::format("secrets: cannot follow the log: {}", read.error().message));
      pause(kPauseAfterFailure);
    }
  }
}

}  // namespace fl::secrets

#include "core/log/kafka_guard.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/log/kafka_admin.hpp"
#include "core/log/kafka_import_mark.hpp"
#include "core/log/kafka_topics.hpp"

namespace fl::log::kafka {

using namespace std::chrono_literals;

Guard::Guard(const KafkaOptions& options, const std::vector<StreamConfig>& streams)
    : options_(options), streams_(streams), ends_(streams), catch_up_(options, streams) {}

Guard::~Guard() {
  stop();
}

void Guard::stop() {
  {
    const std::lock_guard lock(watch_mutex_);
    stopping_ = true;
    wake_.notify_all();
  }
  if (watcher_.joinable()) watcher_.join();
}

bool Guard::is_compacted(Stream stream) const {
  return std::any_of(streams_.begin(), streams_.end(), [&](const auto& config) {
    return config.stream == stream && config.compacted;
  });
}

Result<Guard::Ends> Guard::begin(Deadline deadline) {
  auto client = connect(options_, consumer_settings());
  if (!client) return fail(client.error());
  client_ = std::move(*client);
  if (!options_.importing) {
    if (auto whole = check_unmarked(*client_, options_, deadline); !whole)
      return fail(whole.error());
  }
  if (auto made = make_topics(*client_, options_, streams_, deadline); !made)
    return fail(made.error());
  if (auto right = check_topics(*client_, options_, streams_, deadline); !right)
    return fail(right.error());
  Ends ends;
  for (const auto& config : streams_) {
    for (PartitionIndex p = 0; p < config.partitions; ++p) {
      if (auto sound = examine(config.stream, p); !sound) return fail(sound.error());
      ends[{config.stream, p}] = ends_.get(config.stream, p);
    }
  }
  return ends;
}

Status Guard::watch(Tail& tail) {
  tail_ = &tail;
  // What stands last now must stand there for as long as we look.
  for (const auto& config : streams_) {
    for (PartitionIndex p = 0; p < config.partitions; ++p) {
      const auto end = tail.recent(config.stream, p).start();
      if (end == 0 || config.compacted) continue;
      const auto last = record_at(config.stream, p, end - 1);
      if (!last) return fail(last.error());
      tail.recent(config.stream, p).trust({last->offset, crc_of(*last)});
    }
  }
  if (options_.check_interval > 0ms) watcher_ = std::thread([this] { run(); });
  return {};
}

void Guard::run() {
  std::unique_lock lock(watch_mutex_);
  while (!wake_.wait_for(lock, options_.check_interval, [&] { return stopping_; })) {
    lock.unlock();
    const auto sound = check();
    give_up_if_wrong(sound);
    if (!sound && !damage())
      spdlog::warn(
          fmt::format("kafka: the topics could not be checked: {}", sound.error().message));
    lock.lock();
  }
}

void Guard::raise(Stream stream, PartitionIndex partition, Offset end) {
  const std::lock_guard lock(ends_mutex_);
  if (end > ends_.get(stream, partition)) ends_.publish(stream, partition, end);
}

Status Guard::examine(Stream stream, PartitionIndex partition) {
  const auto deadline = after(options_.read_timeout);
  const auto seen = ends_.get(stream, partition);
  while (true) {
    const auto now = reach(*client_, topic(stream), partition, deadline);
    if (!now) return fail(now.error());
    if (now->low > 0 && !is_compacted(stream))
      return damaged({stream, partition, 0},
                     fmt::format("the topic {} begins at {}: what came before was deleted",
                                 topic(stream), now->low));
    raise(stream, partition, now->high);
    if (now->high >= seen) return {};
    if (std::chrono::steady_clock::now() + 100ms >= deadline)
      return damaged({stream, partition, now->high},
                     fmt::format("the topic {} ends here, and {} was seen: it was cut short or "
                                 "made anew",
                                 topic(stream), seen));
    std::this_thread::sleep_for(100ms);  // between tries
  }
}

Result<Record> Guard::record_at(Stream stream, PartitionIndex partition, Offset offset) {
  auto found = catch_up_.read(stream, partition, false, offset, offset + 1, offset, 1, 0,
                              after(options_.read_timeout));
  if (!found) return fail(found.error());
  return std::move(found->front());
}

Status Guard::recognise(Stream stream, PartitionIndex partition) {
  if (!tail_ || is_compacted(stream)) return {};
  auto& recent = tail_->recent(stream, partition);
  for (const auto& seen : recent.witnesses()) {
    const auto again = record_at(stream, partition, seen.offset);
    if (!again) return fail(again.error());
    if (crc_of(*again) != seen.crc)
      return damaged({stream, partition, seen.offset},
                     "another record stands where one was seen: the topic was made anew");
    recent.trust(seen);
  }
  return {};
}

Status Guard::check() {
  if (auto right = check_topics(*client_, options_, streams_, after(options_.open_timeout)); !right)
    return right;
  for (const auto& config : streams_) {
    for (PartitionIndex p = 0; p < config.partitions; ++p) {
      if (auto sound = examine(config.stream, p); !sound) return sound;
      if (auto same = recognise(config.stream, p); !same) return same;
    }
  }
  return {};
}

void Guard::give_up(const Error& why) {
  FailureListener tell, refuse;
  {
    const std::lock_guard lock(failure_mutex_);
    if (failure_) return;
    failure_ = why;
    tell = listener_;
    refuse = refuse_appends_;
  }
  spdlog::error(fmt::format("kafka: the log is given up: {}", why.message));
  if (refuse) refuse(why);
  if (tell) tell(why);
}

void Guard::give_up_if_wrong(const Status& found) {
  // Brokers that cannot be reached are not damage: appends find out by themselves.
  if (found || (found.error().kind == ErrorClass::unavailable && found.error().code != kLogDamaged))
    return;
  give_up(found.error());
}

std::optional<Error> Guard::damage() const {
  const std::lock_guard lock(failure_mutex_);
  return failure_ && failure_->code != kLogFailed ? failure_ : std::nullopt;
}

void Guard::on_failure(FailureListener listener) {
  const std::lock_guard lock(failure_mutex_);
  listener_ = std::move(listener);
}

void Guard::on_refusal(FailureListener refuse_appends) {
  const std::lock_guard lock(failure_mutex_);
  refuse_appends_ = std::move(refuse_appends);
}

}  // namespace fl::log::kafka

#include "api/live/hub.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "core/activity/act.hpp"
#include "core/log/log.hpp"
#include "core/owner/clock.hpp"
#include "projections/read_models.hpp"
#include "projections/runner.hpp"

namespace fl::api {
namespace {

using nlohmann::json;

constexpr std::size_t kReadRecords = 512;
constexpr std::size_t kReadBytes = 4 << 20;
constexpr log::Offset kCatchUp = 50'000;  // records; whoever missed more reads the lists anew
constexpr std::chrono::milliseconds kTick{250};  // how late who is slow or expired is closed
constexpr std::size_t kExpired = 1000;           // sessions forgotten at a time

}  // namespace

Hub::Hub(Platform& platform)
    : platform_(platform), catch_up_(platform, [this](Task task) { post(std::move(task)); }) {}

void Hub::start() {
  for (log::PartitionIndex p = 0; p < platform_.log.partitions(log::Stream::activity); ++p) {
    delivered_[p] = platform_.runner.applied().next(log::Stream::activity, p);
  }
  thread_ = std::thread([this] { run(); });
}

void Hub::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    wake_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Hub::post(Task task) {
  std::lock_guard lock(mutex_);
  if (stopping_) return;
  tasks_.push_back(std::move(task));
  wake_.notify_one();
}

void Hub::applied(log::PartitionIndex partition, log::Offset to) {
  std::lock_guard lock(mutex_);
  announced_[partition] = to;
  wake_.notify_one();
}

void Hub::subscribe(std::shared_ptr<http::WebSocket> socket, AccountId account, Channel channel,
                    std::optional<projections::PositionToken> cursor, std::function<void()> done) {
  post([this, socket = std::move(socket), account, channel = std::move(channel),
        cursor = std::move(cursor), done = std::move(done)] {
    add(socket, account, channel, cursor);
    done();
  });
}

void Hub::unsubscribe(const std::shared_ptr<http::WebSocket>& socket, const std::string& channel,
                      std::function<void()> done) {
  post([this, socket, channel, done = std::move(done)] {
    remove(socket, channel);
    done();
  });
}

void Hub::forget(const std::shared_ptr<http::WebSocket>& socket) {
  post([this, socket] {
    const auto found = by_socket_.find(socket);
    if (found == by_socket_.end()) return;
    for (const auto& [name, listener] : found->second) remove_from_subject(listener);
    by_socket_.erase(found);
  });
}

void Hub::run() {
  while (true) {
    std::deque<Task> tasks;
    std::map<log::PartitionIndex, log::Offset> announced;
    {
      std::unique_lock lock(mutex_);
      const auto ready = [&] {
        return stopping_ || !tasks_.empty() || !announced_.empty() || !catch_up_.idle();
      };
      wake_.wait_for(lock, kTick, ready);
      if (stopping_) return;
      tasks.swap(tasks_);
      announced.swap(announced_);
    }
    for (const auto& [partition, to] : announced) deliver(partition, to);
    for (const auto& task : tasks) task();
    if (!catch_up_.idle()) {
      catch_up_.step([&](log::PartitionIndex partition) { return delivered_[partition]; });
    }
    tick();
  }
}

void Hub::deliver(log::PartitionIndex partition, log::Offset to) {
  auto& next = delivered_[partition];
  while (next < to) {
    if (listeners_.empty()) {
      next = to;  // nobody listens: nothing needs to be read
      return;
    }
    auto records =
        platform_.log.read(log::Stream::activity, partition, next, kReadRecords, kReadBytes);
    if (!records || records->empty()) return;
    for (const auto& record : *records) {
      if (record.offset >= to) break;
      next = record.offset + 1;
      deliver(partition, record);
    }
  }
}

void Hub::deliver(log::PartitionIndex partition, const log::Record& record) {
  const auto found = listeners_.find(record.key);
  if (found == listeners_.end()) return;
  const auto event = activity::decode(record.value);
  if (!event) return;
  const auto view = platform_.store.view();
  for (const auto& listener : found->second) {
    const auto socket = listener->socket.lock();
    if (!socket || listener->behind || listener->partition != partition) continue;
    if (!socket->has_room()) {
      catch_up_.add_paused(listener, record.offset);
      continue;
    }
    try {
      auto what = told(platform_, view, *listener, *event, record.offset);
      if (what.kind == Told::Kind::counts) {
        what.message = counts_message(platform_, view, *listener, record.offset);
      }
      if (what.kind != Told::Kind::nothing) socket->send(std::move(what.message));
    } catch (const projections::StorageError& error) {
      close_unreadable(*socket, error);
    }
  }
}

void Hub::add(const std::shared_ptr<http::WebSocket>& socket, const AccountId& account,
              const Channel& channel, const std::optional<projections::PositionToken>& cursor) {
  remove(socket, channel.name);
  const auto partition =
      activity::partition_of(channel.about, platform_.log.partitions(log::Stream::activity));
  // What has been delivered to others is where this one joins them.
  const auto now = delivered_[partition];
  auto from = cursor ? std::min(now, cursor->next(log::Stream::activity, partition)) : now;
  const bool reset = now - from > kCatchUp;
  if (reset) from = now;
  projections::PositionToken position;
  position.set(log::Stream::activity, partition, from);
  if (!socket->send(json{{"type", "subscribed"},
                         {"channel", channel.name},
                         {"reset", reset},
                         {"cursor", position.str()}}
                        .dump())) {
    return;
  }
  auto listener = std::make_shared<Listener>();
  listener->socket = socket;
  listener->account = account;
  listener->channel = channel;
  listener->partition = partition;
  listeners_[channel.about].insert(listener);
  by_socket_[socket][channel.name] = listener;
  if (from < now) catch_up_.add(listener, from);
}

void Hub::remove(const std::weak_ptr<http::WebSocket>& socket, const std::string& channel) {
  const auto found = by_socket_.find(socket);
  if (found == by_socket_.end()) return;
  const auto named = found->second.find(channel);
  if (named == found->second.end()) return;
  remove_from_subject(named->second);
  found->second.erase(named);
  if (found->second.empty()) by_socket_.erase(found);
}

void Hub::remove_from_subject(const ListenerPtr& listener) {
  const auto found = listeners_.find(listener->channel.about);
  if (found == listeners_.end()) return;
  found->second.erase(listener);
  if (found->second.empty()) listeners_.erase(found);
}

/// What time alone brings about.
void Hub::tick() {
  const auto now = CatchUp::Clock::now();
  if (now - ticked_ < kTick) return;
  ticked_ = now;
  catch_up_.close_slow(now);
  sockets_.end_expired(platform_.clock.now());
  if (now - swept_ < platform_.options().live.sweep) return;
  swept_ = now;
  if (auto dropped = platform_.sessions.drop_expired(platform_.clock.now(), kExpired); !dropped) {
    spdlog::warn(fmt::format("expired sessions stay for now: {}", dropped.error().message));
  }
}

}  // namespace fl::api

#include "api/live/hub.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/render.hpp"
#include "core/activity/act.hpp"
#include "core/log/log.hpp"
#include "projections/read_models.hpp"
#include "projections/runner.hpp"
#include "projections/store.hpp"

namespace fl::api {
namespace {

using nlohmann::json;

constexpr std::size_t kReadRecords = 512;
constexpr std::size_t kReadBytes = 4 << 20;
constexpr log::Offset kCatchUp = 50'000;  // records; whoever missed more reads the lists anew
constexpr std::size_t kTasks = 100'000;

std::string cursor_after(log::PartitionIndex partition, log::Offset offset) {
  return projections::PositionToken::just_after({log::Stream::activity, partition, offset}).str();
}

}  // namespace

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
  if (stopping_ || tasks_.size() >= kTasks) return;
  tasks_.push_back(std::move(task));
  wake_.notify_one();
}

void Hub::applied(log::PartitionIndex partition, log::Offset to) {
  std::lock_guard lock(mutex_);
  announced_[partition] = to;
  wake_.notify_one();
}

void Hub::subscribe(std::shared_ptr<http::WebSocket> socket, AccountId account, Channel channel,
                    std::optional<projections::PositionToken> cursor) {
  post([this, socket = std::move(socket), account, channel = std::move(channel),
        cursor = std::move(cursor)] { add(socket, account, channel, cursor); });
}

void Hub::unsubscribe(const std::shared_ptr<http::WebSocket>& socket, const std::string& channel) {
  post([this, socket, channel] {
    std::erase_if(listeners_, [&](const auto& entry) {
      return entry.second.socket.lock() == socket && entry.second.channel.name == channel;
    });
  });
}

void Hub::attach(const secrets::SessionId& session,
                 const std::shared_ptr<http::WebSocket>& socket) {
  std::lock_guard lock(sockets_mutex_);
  sockets_.emplace(session, socket);
}

void Hub::detach(const secrets::SessionId& session,
                 const std::shared_ptr<http::WebSocket>& socket) {
  std::lock_guard lock(sockets_mutex_);
  const auto [begin, end] = sockets_.equal_range(session);
  const auto found =
      std::find_if(begin, end, [&](const auto& entry) { return entry.second.lock() == socket; });
  if (found != end) sockets_.erase(found);
}

void Hub::end(const secrets::SessionId& session) {
  std::lock_guard lock(sockets_mutex_);
  const auto [begin, end] = sockets_.equal_range(session);
  for (auto at = begin; at != end; ++at) {
    if (const auto socket = at->second.lock()) {
      socket->close(http::close_code::kPolicy, "login_required");
    }
  }
}

void Hub::run() {
  while (true) {
    std::deque<Task> tasks;
    std::map<log::PartitionIndex, log::Offset> announced;
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [&] { return stopping_ || !tasks_.empty() || !announced_.empty(); });
      if (stopping_) return;
      tasks.swap(tasks_);
      announced.swap(announced_);
    }
    try {
      for (const auto& [partition, to] : announced) deliver(partition, to);
      for (const auto& task : tasks) task();
    } catch (const projections::StorageError& error) {
      spdlog::error(fmt::format("live: {}", error.what()));
    }
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
      const auto event = activity::decode(record.value);
      if (!event) continue;
      auto [at, end] = listeners_.equal_range(event->about());
      while (at != end) {
        const auto socket = at->second.socket.lock();
        auto message = socket ? render(at->second, *event, partition, record.offset) : "";
        const bool gone = !socket || (!message.empty() && !socket->send(std::move(message)));
        at = gone ? listeners_.erase(at) : std::next(at);
      }
    }
  }
}

void Hub::add(const std::shared_ptr<http::WebSocket>& socket, const AccountId& account,
              const Channel& channel, const std::optional<projections::PositionToken>& cursor) {
  const auto partition =
      activity::partition_of(channel.about, platform_.log.partitions(log::Stream::activity));
  // What has been delivered to others is where this one joins them.
  const auto now = delivered_[partition];
  const auto from = cursor ? std::min(now, cursor->next(log::Stream::activity, partition)) : now;
  Listener listener{socket, account, channel};
  projections::PositionToken position;
  position.set(log::Stream::activity, partition, now - from > kCatchUp ? now : from);
  if (!socket->send(json{{"type", "subscribed"},
                         {"channel", channel.name},
                         {"reset", now - from > kCatchUp},
                         {"cursor", position.str()}}
                        .dump())) {
    return;
  }
  if (now - from <= kCatchUp && !catch_up(listener, partition, from, now)) return;
  std::erase_if(listeners_, [&](const auto& entry) {
    return entry.second.socket.lock() == socket && entry.second.channel.name == channel.name;
  });
  listeners_.emplace(channel.about, std::move(listener));
}

bool Hub::catch_up(const Listener& listener, log::PartitionIndex partition, log::Offset from,
                   log::Offset to) {
  const auto socket = listener.socket.lock();
  while (from < to) {
    auto records =
        platform_.log.read(log::Stream::activity, partition, from, kReadRecords, kReadBytes);
    if (!records || records->empty()) return false;
    for (const auto& record : *records) {
      if (record.offset >= to) return true;
      from = record.offset + 1;
      if (record.key != listener.channel.about) continue;
      const auto event = activity::decode(record.value);
      if (!event) return false;
      auto message = render(listener, *event, partition, record.offset);
      if (!message.empty() && !socket->send(std::move(message))) return false;
    }
  }
  return true;
}

std::string Hub::render(const Listener& listener, const pb::ActivityEvent& event,
                        log::PartitionIndex partition, log::Offset offset) const {
  const auto view = platform_.store.view();
  const Renderer renderer(platform_, view, listener.account);
  const auto& models = platform_.models;
  json data;
  std::string type;
  switch (event.body_case()) {
    case pb::ActivityEvent::kLiked:
    case pb::ActivityEvent::kUnliked: {
      const auto counts = models.social.counts(view, PostId::from_raw(event.about()));
      type = "counts";
      data = {{"likes", counts.likes}, {"comments", counts.comments}};
      break;
    }
    case pb::ActivityEvent::kCommented: {
      const auto comment = models.social.comment(view, PostId::from_raw(event.about()),
                                                 CommentId::from_raw(event.commented().comment()));
      if (!comment || comment->row.offset != offset || comment->row.deleted) return {};
      type = "comment";
      data = renderer.comment(comment->id, comment->row);
      break;
    }
    case pb::ActivityEvent::kCommentDeleted:
      type = "comment_deleted";
      data = {{"id", CommentId::from_raw(event.comment_deleted().comment()).str()}};
      break;
    case pb::ActivityEvent::kMessageSent: {
      const auto message =
          models.inbox.message_at(view, ConversationId::from_raw(event.about()), offset);
      if (!message) return {};
      type = "message";
      data = renderer.message(*message);
      break;
    }
    case pb::ActivityEvent::kNoticed: {
      const auto notice = models.notices.notice_at(view, listener.account, offset);
      if (!notice) return {};
      type = "notice";
      data = renderer.notice(*notice);
      break;
    }
    case pb::ActivityEvent::kUploadStarted:
    case pb::ActivityEvent::kUploadChunk:
    case pb::ActivityEvent::kUploadEnded:
    case pb::ActivityEvent::kJobClaimed:
    case pb::ActivityEvent::kJobEnded:
    case pb::ActivityEvent::kNoticesRead:
    case pb::ActivityEvent::BODY_NOT_SET:
      return {};
  }
  return json{{"type", type},
              {"channel", listener.channel.name},
              {"cursor", cursor_after(partition, offset)},
              {"data", data}}
      .dump();
}

}  // namespace fl::api

#include "api/live/catch_up.hpp"

#include "core/activity/act.hpp"
#include "core/log/embedded_log.hpp"

namespace fl::api {
namespace {

constexpr std::size_t kSliceRecords = 256;
constexpr std::size_t kSliceBytes = 1 << 20;

}  // namespace

void CatchUp::add(const std::shared_ptr<Listener>& listener, log::Offset next) {
  listener->behind = true;
  listener->next = next;
  ready_.push_back(listener);
}

void CatchUp::add_paused(const std::shared_ptr<Listener>& listener, log::Offset next) {
  listener->behind = true;
  listener->next = next;
  pause(listener);
}

void CatchUp::pause(const std::shared_ptr<Listener>& listener) {
  const auto socket = listener->socket.lock();
  if (!socket) return;
  listener->paused = true;
  paused_.push_back({Clock::now(), listener, ++listener->pauses});
  socket->when_room([this, weak = std::weak_ptr<Listener>(listener)] {
    post_([this, weak] {
      const auto found = weak.lock();
      if (!found || !found->paused) return;
      found->paused = false;
      ready_.push_back(found);
    });
  });
}

void CatchUp::close_slow(Clock::time_point now) {
  const auto patience = platform_.options().live.patience;
  while (!paused_.empty() && now - paused_.front().since >= patience) {
    const auto listener = paused_.front().listener.lock();
    if (listener && listener->paused && listener->pauses == paused_.front().pauses) {
      if (const auto socket = listener->socket.lock()) socket->give_up();
    }
    paused_.pop_front();
  }
}

void CatchUp::step(const std::function<log::Offset(log::PartitionIndex)>& end_of) {
  const auto listener = ready_.front().lock();
  ready_.pop_front();
  const auto socket = listener ? listener->socket.lock() : nullptr;
  if (!socket) return;
  auto slice = Slice::over;
  try {
    slice = give(*listener, *socket, end_of(listener->partition));
  } catch (const projections::StorageError& error) {
    close_unreadable(*socket, error);
  }
  switch (slice) {
    case Slice::more:
      ready_.push_back(listener);
      return;
    case Slice::caught_up:
      listener->behind = false;
      return;
    case Slice::no_room:
      pause(listener);
      return;
    case Slice::over:
      return;
  }
}

CatchUp::Slice CatchUp::give(Listener& listener, http::WebSocket& socket, log::Offset end) {
  if (listener.next < end) {
    auto records = platform_.log.read(log::Stream::activity, listener.partition, listener.next,
                                      kSliceRecords, kSliceBytes);
    if (!records || records->empty()) {
      socket.close(http::close_code::kTryAgainLater, "the log cannot be read");
      return Slice::over;
    }
    const auto view = platform_.store.view();
    for (const auto& record : *records) {
      if (record.offset >= end) break;
      if (record.key == listener.channel.about) {
        if (!socket.has_room()) return Slice::no_room;
        const auto event = activity::decode(record.value);
        const auto what = event ? told(platform_, view, listener, *event, record.offset) : Told{};
        if (what.kind == Told::Kind::counts) listener.counts_due = true;
        if (what.kind == Told::Kind::event && !socket.send(what.message)) return Slice::over;
      }
      listener.next = record.offset + 1;
    }
  }
  if (listener.counts_due) {
    if (!socket.has_room()) return Slice::no_room;
    const auto view = platform_.store.view();
    listener.counts_due = false;
    // Said of the last record read, so that cursors never go back.
    if (!socket.send(counts_message(platform_, view, listener, listener.next - 1))) {
      return Slice::over;
    }
  }
  return listener.next < end ? Slice::more : Slice::caught_up;
}

}  // namespace fl::api

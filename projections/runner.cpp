#include "projections/runner.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "core/base/assert.hpp"
#include "projections/lane.hpp"
#include "projections/lane_plan.hpp"
#include "projections/waiters.hpp"

namespace fl::projections {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kFirstBite = 1024;
constexpr std::size_t kFollowerBite = 8192;  // so that the others do not wait long for their turn
constexpr std::chrono::seconds kReportEvery{5};

std::vector<std::string> names_of(const Lane& lane) {
  std::vector<std::string> names;
  for (const auto* projection : lane.projections()) names.push_back(projection->name());
  return names;
}

/// What every lane has applied.
Progress least(const std::vector<Lane>& lanes) {
  Progress out = lanes.front().progress();
  for (const auto& lane : lanes) {
    out.ledger = std::min(out.ledger, lane.progress().ledger);
    for (std::size_t i = 0; i < out.activity.size(); ++i) {
      out.activity[i] = std::min(out.activity[i], lane.progress().activity[i]);
    }
  }
  return out;
}

}  // namespace

struct Runner::Impl {
  Impl(Store& store_in, log::Log& log_in, const RunnerOptions& options_in)
      : store(store_in), log(log_in), options(options_in), waiters(options_in.max_waiters) {}

  Store& store;
  log::Log& log;
  const RunnerOptions options;
  Waiters waiters;
  Listener listener;
  FailureListener on_failure;
  std::vector<Lane> lanes;  // the furthest first; of the thread once it runs
  Progress published;
  std::size_t bite_events = kFirstBite;
  Clock::time_point flushed = Clock::now();
  Clock::time_point reported = Clock::now();
  bool unflushed = false;

  std::thread thread;
  mutable std::mutex mutex;
  std::condition_variable wake;
  bool grown = false;
  bool stopping = false;
  Status status;
  std::vector<std::string> rebuilding;

  bool asked_to_stop() const {
    const std::scoped_lock lock(mutex);
    return stopping;
  }
  void run();
  Result<bool> step();
  void publish();
  void join_lanes();
  void report();
  Status flush_when_due();
  void fail_with(const Error& error);
};

Result<std::unique_ptr<Runner>> Runner::open(Store& store, log::Log& log,
                                             std::vector<Projection*> projections,
                                             OpenLedgerReader open_reader,
                                             const RunnerOptions& options) {
  FL_ASSERT(!projections.empty());
  auto impl = std::make_unique<Impl>(store, log, options);
  try {
    auto plans = plan_lanes(store, log, projections);
    if (!plans) return fail(plans.error());
    for (auto& one : *plans) {
      auto lane =
          Lane::open(store, std::move(one.projections), std::move(one.progress), open_reader);
      if (!lane) return fail(lane.error());
      impl->lanes.push_back(*std::move(lane));
    }
  } catch (const StorageError& error) {
    return fail(ErrorClass::unavailable, "views_storage", "", error.what());
  }
  impl->published = least(impl->lanes);
  impl->waiters.publish(impl->published.token());
  impl->join_lanes();
  return std::unique_ptr<Runner>(new Runner(std::move(impl)));
}

Runner::Runner(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Runner::~Runner() {
  stop();
  join();
}

void Runner::on_applied(Listener listener) {
  FL_ASSERT(!impl_->thread.joinable());
  impl_->listener = std::move(listener);
}

void Runner::on_failure(FailureListener listener) {
  FL_ASSERT(!impl_->thread.joinable());
  impl_->on_failure = std::move(listener);
}

void Runner::start() {
  FL_ASSERT(!impl_->thread.joinable());
  impl_->thread = std::thread([this] { impl_->run(); });
}

void Runner::stop() {
  {
    const std::scoped_lock lock(impl_->mutex);
    if (impl_->stopping) return;
    impl_->stopping = true;
  }
  impl_->wake.notify_all();
  impl_->waiters.end({ErrorClass::unavailable, "stopping", "", "The server is stopping."});
}

void Runner::join() {
  if (impl_->thread.joinable()) impl_->thread.join();
}

void Runner::notify() {
  {
    const std::scoped_lock lock(impl_->mutex);
    impl_->grown = true;
  }
  impl_->wake.notify_all();
}

void Runner::Impl::run() {
  try {
    while (!asked_to_stop()) {
      {
        const std::scoped_lock lock(mutex);
        grown = false;
      }
      auto moved = step();
      if (!moved && moved.error().code != log::kLogUnreachable) return fail_with(moved.error());
      if (!moved) spdlog::warn(fmt::format("read models: {}", moved.error().message));
      if (auto flushed_now = flush_when_due(); !flushed_now) {
        return fail_with(flushed_now.error());
      }
      if (moved.value_or(false)) continue;
      std::unique_lock lock(mutex);
      wake.wait_for(lock, options.poll, [&] { return grown || stopping; });
    }
  } catch (const StorageError& error) {
    fail_with({ErrorClass::unavailable, "views_storage", "", error.what()});
  }
}

/// One bite of each lane. Whether anything moved.
Result<bool> Runner::Impl::step() {
  const ReadBounded read = [&](log::Stream stream, log::PartitionIndex partition, log::Offset from,
                               std::size_t records, std::size_t bytes) {
    return log.read(stream, partition, from, records, bytes);
  };
  bool moved = false;
  for (std::size_t i = 0; i < lanes.size(); ++i) {
    const bool leads = i == 0;
    const auto events =
        leads && lanes.size() == 1 ? bite_events : std::min(bite_events, kFollowerBite);
    const auto up_to = leads ? std::nullopt : std::optional(lanes.front().progress());
    auto taken = lanes[i].bite(read, {events, options.max_bite_bytes}, up_to);
    if (!taken) return fail(taken.error());
    moved = moved || *taken > 0;
    if (!leads) continue;
    // Ever larger bites when they come back full: sorted together, the same rows are written once.
    bite_events = *taken >= events ? std::min(bite_events * 2, options.max_bite_events)
                                   : std::min(kFirstBite, options.max_bite_events);
  }
  join_lanes();
  if (moved) {
    unflushed = true;
    publish();
    report();
  }
  return moved;
}

void Runner::Impl::join_lanes() {
  for (std::size_t i = lanes.size(); i-- > 1;) {
    if (lanes[i].progress() != lanes.front().progress()) continue;
    spdlog::info(fmt::format("read models {} have caught up", fmt::join(names_of(lanes[i]), ", ")));
    lanes.front().join(std::move(lanes[i]));
    lanes.erase(lanes.begin() + static_cast<std::ptrdiff_t>(i));
  }
  std::vector<std::string> behind;
  for (std::size_t i = 1; i < lanes.size(); ++i) {
    std::ranges::move(names_of(lanes[i]), std::back_inserter(behind));
  }
  const std::scoped_lock lock(mutex);
  rebuilding = std::move(behind);
}

void Runner::Impl::publish() {
  const Progress before = std::exchange(published, least(lanes));
  waiters.publish(published.token());
  if (!listener) return;
  if (before.ledger != published.ledger) {
    listener(log::Stream::ledger, 0, before.ledger, published.ledger);
  }
  for (std::size_t i = 0; i < published.activity.size(); ++i) {
    if (before.activity[i] == published.activity[i]) continue;
    listener(log::Stream::activity, static_cast<log::PartitionIndex>(i), before.activity[i],
             published.activity[i]);
  }
}

void Runner::Impl::report() {
  const auto now = Clock::now();
  if (now - reported < kReportEvery) return;
  reported = now;
  const auto end = log.end(log::Stream::ledger, 0);
  for (const auto& lane : lanes) {
    const auto next = lane.progress().ledger;
    if (!end || *end == next) continue;
    spdlog::info(fmt::format("read models {}: {} of {} ledger records",
                             fmt::join(names_of(lane), ", "), next, *end));
  }
}

Status Runner::Impl::flush_when_due() {
  if (auto healthy = store.health(); !healthy) return healthy;
  const auto now = Clock::now();
  if (!unflushed || now - flushed < options.flush_every) return {};
  flushed = now;
  unflushed = false;
  return store.flush(false);
}

void Runner::Impl::fail_with(const Error& error) {
  spdlog::error(fmt::format("the read models have stopped: {} ({})", error.message, error.code));
  {
    const std::scoped_lock lock(mutex);
    status = fail(error);
  }
  waiters.end(error);
  if (on_failure) on_failure(error);
}

PositionToken Runner::applied() const {
  return impl_->waiters.applied();
}

RunnerHealth Runner::health() const {
  RunnerHealth health;
  health.applied = applied();
  {
    const std::scoped_lock lock(impl_->mutex);
    health.status = impl_->status;
    health.rebuilding = impl_->rebuilding;
  }
  const auto add = [&](log::Stream stream, log::PartitionIndex partition) {
    const auto end = impl_->log.end(stream, partition);
    const auto next = health.applied.next(stream, partition);
    if (end && *end > next) health.behind += *end - next;
  };
  add(log::Stream::ledger, 0);
  for (log::PartitionIndex i = 0; i < impl_->log.partitions(log::Stream::activity); ++i) {
    add(log::Stream::activity, i);
  }
  return health;
}

Status Runner::wait_for(const PositionToken& token, Clock::time_point deadline) {
  return impl_->waiters.wait_for(token, deadline);
}

Runner::Ticket Runner::when_reached(const PositionToken& token, std::function<void(Status)> done) {
  return impl_->waiters.when_reached(token, std::move(done));
}

bool Runner::cancel(Ticket ticket) {
  return impl_->waiters.cancel(ticket);
}

}  // namespace fl::projections

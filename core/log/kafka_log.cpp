#include "core/log/kafka_log.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>
#include <set>

#include "core/log/kafka_admin.hpp"
#include "core/log/kafka_appends.hpp"
#include "core/log/kafka_guard.hpp"
#include "core/log/kafka_rights.hpp"
#include "core/log/kafka_share.hpp"
#include "core/log/kafka_tail.hpp"

namespace fl::log {

namespace {

Status check_streams(const std::vector<StreamConfig>& streams) {
  std::set<Stream> seen;
  bool right = !streams.empty();
  for (const auto& each : streams) {
    right = right && seen.insert(each.stream).second && each.partitions > 0 &&
            each.partitions <= kMaxPartitions;
  }
  if (right) return {};
  return fail(ErrorClass::malformed, "bad_streams", "streams",
              "The streams of a log are distinct, each with partitions.");
}

}  // namespace

struct KafkaLog::Parts {
  Parts(std::vector<StreamConfig> configs, KafkaOptions given)
      : streams(std::move(configs)),
        options(std::move(given)),
        guard(options, streams),
        appends(options, streams) {}

  ~Parts() {
    guard.stop();
    if (tail) tail->stop();
  }

  Status start();
  void tell_rights();

  /// Wakes who waits for this end, and tells the listener. An end that was only asked for is not
  /// told: its records follow by the tail.
  void announce(Stream stream, PartitionIndex partition, Offset end) {
    guard.raise(stream, partition, end);
    const std::lock_guard lock(listener_mutex);
    auto& before = announced[{stream, partition}];
    if (end <= before) return;
    before = end;
    if (listener) listener(stream, partition, end);
  }
  /// What was acknowledged at `first` must stand behind all that was seen before it was sent.
  Status appended(Stream stream, PartitionIndex partition, Offset before, Offset first,
                  std::size_t records) {
    if (first < before) {
      const auto wrong = damaged({stream, partition, first},
                                 fmt::format("a new record stands here, and {} was seen: the topic "
                                             "was cut short or made anew",
                                             before));
      guard.give_up(wrong.value());
      return wrong;
    }
    announce(stream, partition, first + records);
    return {};
  }
  kafka::Deadline read_deadline() const { return kafka::after(options.read_timeout); }

  const std::vector<StreamConfig> streams;
  const KafkaOptions options;
  kafka::Guard guard;
  std::mutex listener_mutex;
  kafka::Guard::Ends announced;
  Listener listener;
  kafka::Appends appends;
  std::unique_ptr<kafka::Tail> tail;
};

void KafkaLog::Parts::tell_rights() {
  const auto ledger = kafka::topic_of(options, Stream::ledger);
  const auto found = kafka::report_rights(
      ledger, kafka::write_rules(guard.client(), ledger, kafka::after(options.read_timeout)));
  if (found.is_safe)
    spdlog::info(fmt::format("kafka: {}", found.text));
  else
    spdlog::warn(fmt::format("kafka: {}", found.text));
}

Status KafkaLog::Parts::start() {
  auto ends = guard.begin(kafka::after(options.open_timeout));
  if (!ends) return fail(ends.error());
  announced = *ends;
  if (auto opened = appends.open(); !opened) return opened;
  guard.on_refusal([this](const Error& why) { appends.refuse(why); });
  auto followed =
      kafka::Tail::open(options, streams, *ends,
                        {[this](Stream s, PartitionIndex p, Offset end) { announce(s, p, end); },
                         [this](const Error& why) { guard.give_up(why); },
                         [this](Stream s, PartitionIndex p) { return guard.examine(s, p); }});
  if (!followed) return fail(followed.error());
  tail = std::move(*followed);
  tell_rights();
  return guard.watch(*tail);
}

KafkaLog::KafkaLog(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

KafkaLog::~KafkaLog() {
  stop_waiting();
}

Result<std::unique_ptr<KafkaLog>> KafkaLog::open(std::vector<StreamConfig> streams,
                                                 KafkaOptions options) {
  std::sort(streams.begin(), streams.end(),
            [](const auto& a, const auto& b) { return a.stream < b.stream; });
  if (auto right = check_streams(streams); !right) return fail(right.error());
  auto parts = std::make_unique<Parts>(std::move(streams), std::move(options));
  if (auto started = parts->start(); !started) return fail(started.error());
  return std::unique_ptr<KafkaLog>(new KafkaLog(std::move(parts)));
}

const std::vector<StreamConfig>& KafkaLog::streams() const {
  return parts_->streams;
}

Result<Offset> KafkaLog::append(Stream stream, PartitionIndex partition,
                                std::span<const NewRecord> records) {
  if (auto right = check_append(streams(), stream, partition, records); !right)
    return fail(right.error());
  const auto before = parts_->guard.ends().get(stream, partition);
  const auto first = parts_->appends.append(stream, partition, records);
  if (!first) return fail(first.error());
  if (auto sound = parts_->appended(stream, partition, before, *first, records.size()); !sound)
    return fail(sound.error());
  return *first;
}

void KafkaLog::append_later(Stream stream, PartitionIndex partition, NewRecord record,
                            Appended done) {
  if (auto right = check_append(streams(), stream, partition, {&record, 1}); !right)
    return done(fail(right.error()));
  const auto before = parts_->guard.ends().get(stream, partition);
  parts_->appends.append_later(
      stream, partition, record,
      [parts = parts_.get(), stream, partition, before,
       done = std::move(done)](Result<Offset> first) {
        if (first) {
          if (auto sound = parts->appended(stream, partition, before, *first, 1); !sound)
            first = fail(sound.error());
        }
        done(std::move(first));
      });
}

Result<std::vector<Record>> KafkaLog::read(Stream stream, PartitionIndex partition, Offset from,
                                           std::size_t max_records, std::size_t max_bytes) {
  if (auto right = check_partition(streams(), stream, partition); !right)
    return fail(right.error());
  if (const auto wrong = parts_->guard.damage()) return fail(*wrong);
  std::vector<Record> none;
  if (max_records == 0) return none;
  const auto end = parts_->guard.ends().get(stream, partition);
  // Who polls must not ask the leader each time: the tail tells of what came, and `end` asks.
  if (from >= end) return none;
  const auto deadline = parts_->read_deadline();
  auto& recent = parts_->tail->recent(stream, partition);
  if (from >= recent.base()) {
    auto served = recent.read(from, end, max_records, max_bytes, deadline);
    if (served && served->empty() && recent.next() < end)
      return kafka::unavailable(to_string(Position{stream, partition, from}) + " cannot be read",
                                "the brokers do not answer in time");
    if (served) return std::move(*served);
  }
  auto out =
      parts_->guard.catch_up().read(stream, partition, parts_->guard.is_compacted(stream), from,
                                    end, recent.base(), max_records, max_bytes, deadline);
  if (out) return out;
  auto why = out.error();
  if (why.code == kafka::kNotThere) {
    if (auto sound = parts_->guard.examine(stream, partition); !sound) why = sound.error();
  }
  if (why.code == kLogDamaged) parts_->guard.give_up(why);
  return fail(why);
}

Result<Offset> KafkaLog::end(Stream stream, PartitionIndex partition) {
  if (auto right = check_partition(streams(), stream, partition); !right)
    return fail(right.error());
  if (const auto wrong = parts_->guard.damage()) return fail(*wrong);
  if (auto sound = parts_->guard.examine(stream, partition); !sound) {
    if (sound.error().code == kLogDamaged) parts_->guard.give_up(sound.error());
    return fail(sound.error());
  }
  return parts_->guard.ends().get(stream, partition);
}

bool KafkaLog::wait_beyond(Stream stream, PartitionIndex partition, Offset offset,
                           std::chrono::milliseconds at_most) {
  if (!check_partition(streams(), stream, partition)) return false;
  return parts_->guard.ends().wait_beyond(stream, partition, offset, at_most);
}

void KafkaLog::set_listener(Listener listener) {
  const std::lock_guard lock(parts_->listener_mutex);
  parts_->listener = std::move(listener);
}

void KafkaLog::set_failure_listener(FailureListener listener) {
  parts_->guard.on_failure(std::move(listener));
}

void KafkaLog::stop_waiting() {
  parts_->guard.ends().stop_waiting();
}

Result<std::unique_ptr<WorkShare>> KafkaLog::join(std::string_view group,
                                                  const std::vector<Stream>& streams) {
  auto joined = KafkaShare::join(parts_->options, parts_->streams, group, streams);
  if (!joined) return fail(joined.error());
  return std::unique_ptr<WorkShare>(std::move(*joined));
}

Status KafkaLog::check() {
  auto sound = parts_->guard.check();
  parts_->guard.give_up_if_wrong(sound);
  return sound;
}

}  // namespace fl::log

#include "core/log/kafka_tail.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "core/base/assert.hpp"

namespace fl::log::kafka {

namespace {
constexpr int kPollMs = 100;
}

Tail::Tail(const KafkaOptions& options, Listener listener)
    : options_(options), listener_(std::move(listener)) {}

Result<std::unique_ptr<Tail>> Tail::open(const KafkaOptions& options,
                                         const std::vector<StreamConfig>& streams,
                                         const Start& start, Listener listener) {
  std::unique_ptr<Tail> made(new Tail(options, std::move(listener)));
  auto client = connect(options, consumer_settings());
  if (!client) return fail(client.error());
  made->client_ = std::move(*client);
  made->queue_.reset(rd_kafka_queue_new(made->client_.get()));
  const std::size_t share = options.recent_bytes / std::max<std::size_t>(1, start.size());
  for (const auto& config : streams) {
    auto handle = topic(*made->client_, options, config.stream);
    if (!handle) return fail(handle.error());
    made->streams_[topic_of(options, config.stream)] = config.stream;
    for (PartitionIndex p = 0; p < config.partitions; ++p) {
      auto recent =
          std::make_unique<RecentRecords>(start.at({config.stream, p}), config.compacted, share);
      made->followers_.emplace(std::pair{config.stream, p},
                               Follower{config.stream, p, handle->get(), std::move(recent)});
    }
    made->topics_[config.stream] = std::move(*handle);
  }
  for (auto& [place, follower] : made->followers_)
    if (auto begun = made->begin(follower); !begun) return fail(begun.error());
  made->thread_ = std::thread([tail = made.get()] { tail->run(); });
  return made;
}

Tail::~Tail() {
  stop();
  for (auto& [place, follower] : followers_)
    rd_kafka_consume_stop(follower.topic, static_cast<std::int32_t>(follower.partition));
  queue_.reset();
  topics_.clear();
}

void Tail::stop() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  for (auto& [place, follower] : followers_) follower.recent->stop();
}

Status Tail::begin(Follower& follower) {
  const int begun = rd_kafka_consume_start_queue(
      follower.topic, static_cast<std::int32_t>(follower.partition),
      static_cast<std::int64_t>(follower.recent->next()), queue_.get());
  if (begun == 0) return {};
  return unavailable("A partition cannot be followed", rd_kafka_err2str(rd_kafka_last_error()));
}

Tail::Follower& Tail::find(Stream stream, PartitionIndex partition) {
  const auto found = followers_.find({stream, partition});
  FL_ASSERT(found != followers_.end());
  return found->second;
}

RecentRecords& Tail::recent(Stream stream, PartitionIndex partition) {
  return *find(stream, partition).recent;
}

void Tail::run() {
  while (!stopping_) {
    const Owned<rd_kafka_message_t> message(rd_kafka_consume_queue(queue_.get(), kPollMs));
    if (message) take(*message);
  }
}

void Tail::take(const rd_kafka_message_t& message) {
  // An error of the client as a whole names no partition; librdkafka goes on by itself.
  if (!message.rkt || message.partition < 0) return;
  const auto stream = streams_.find(rd_kafka_topic_name(message.rkt));
  if (stream == streams_.end()) return;
  auto& follower = find(stream->second, static_cast<PartitionIndex>(message.partition));
  if (message.err) {
    take_error(follower, message.err,
               static_cast<Offset>(std::max<std::int64_t>(message.offset, 0)));
    return;
  }
  auto record = to_record(message);
  const Position at{follower.stream, follower.partition, record.offset};
  if (auto added = follower.recent->add(at, std::move(record)); !added) {
    listener_.damaged(added.error());
    return;
  }
  listener_.grown(follower.stream, follower.partition, follower.recent->next());
}

void Tail::take_error(Follower& follower, rd_kafka_resp_err_t error, Offset position) {
  if (error == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    follower.recent->reach(position);
    return;
  }
  if (error != RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET && is_passing(error)) return;
  spdlog::warn(fmt::format("kafka: following {}/{} is disturbed: {}", to_string(follower.stream),
                           follower.partition, rd_kafka_err2str(error)));
  if (auto sound = listener_.examine(follower.stream, follower.partition); !sound) {
    if (sound.error().code == kLogDamaged) listener_.damaged(sound.error());
    return;
  }
  // The partition is whole, so it was a leader that lagged: begin anew where we stand.
  rd_kafka_consume_stop(follower.topic, static_cast<std::int32_t>(follower.partition));
  if (auto begun = begin(follower); !begun) listener_.damaged(begun.error());
}

}  // namespace fl::log::kafka

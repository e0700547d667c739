#include "core/log/kafka_share.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "core/log/kafka_admin.hpp"

namespace fl::log {

namespace {

using namespace std::chrono_literals;
using Partitions = kafka::Owned<rd_kafka_topic_partition_list_t>;

constexpr int kPollMs = 50;
constexpr auto kMeeting = 10s;

kafka::Settings member_settings(const std::string& group) {
  auto settings = kafka::consumer_settings();
  settings["group.id"] = group;
  settings["partition.assignment.strategy"] = "cooperative-sticky";
  settings["session.timeout.ms"] = "6000";
  settings["heartbeat.interval.ms"] = "1000";
  settings["enable.partition.eof"] = "false";
  // Until a partition is paused, a record or two may come: as few as can be.
  settings["fetch.message.max.bytes"] = "1";
  settings["queued.max.messages.kbytes"] = "1";
  return settings;
}

void note(const char* what, rd_kafka_error_t* error) {
  if (!error) return;
  spdlog::warn(fmt::format("kafka: {}: {}", what, rd_kafka_error_string(error)));
  rd_kafka_error_destroy(error);
}

/// Whether Kafka says that the member is none any more, or has not heard of the group's last move.
bool is_outdated(rd_kafka_resp_err_t error) {
  return error == RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION ||
         error == RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID ||
         error == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID ||
         error == RD_KAFKA_RESP_ERR__ASSIGNMENT_LOST;
}

}  // namespace

KafkaShare::KafkaShare(const KafkaOptions& options, const std::vector<StreamConfig>& log,
                       std::string_view group, const std::vector<Stream>& streams)
    : options_(options), log_(log), group_(options.prefix + std::string(group)) {
  for (const auto stream : streams) streams_[kafka::topic_of(options_, stream)] = stream;
}

Result<std::unique_ptr<KafkaShare>> KafkaShare::join(const KafkaOptions& options,
                                                     const std::vector<StreamConfig>& log,
                                                     std::string_view group,
                                                     const std::vector<Stream>& streams) {
  if (auto right = check_join(log, group, streams); !right) return fail(right.error());
  std::unique_ptr<KafkaShare> share(new KafkaShare(options, log, group, streams));
  auto client = kafka::connect_member(share->options_, member_settings(share->group_),
                                      &KafkaShare::rebalance, share.get());
  if (!client) return fail(client.error());
  share->client_ = std::move(*client);
  rd_kafka_poll_set_consumer(share->client_.get());
  const Partitions topics(rd_kafka_topic_partition_list_new(static_cast<int>(streams.size())));
  for (const auto& [topic, stream] : share->streams_)
    rd_kafka_topic_partition_list_add(topics.get(), topic.c_str(), RD_KAFKA_PARTITION_UA);
  if (const auto error = rd_kafka_subscribe(share->client_.get(), topics.get()))
    return kafka::unavailable("The group cannot be joined", rd_kafka_err2str(error));
  share->thread_ = std::thread([raw = share.get()] { raw->run(); });
  return share;
}

KafkaShare::~KafkaShare() {
  stop();
}

void KafkaShare::stop() {
  const std::lock_guard lock(stop_mutex_);
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  if (!met_) static_cast<void>(client_.release());
}

void KafkaShare::run() {
  const auto poll = [this] {
    const kafka::Owned<rd_kafka_message_t> message(rd_kafka_consumer_poll(client_.get(), kPollMs));
    if (message && message->err && !kafka::is_passing(message->err))
      spdlog::warn(fmt::format("kafka: the group {} is disturbed: {}", group_,
                               rd_kafka_message_errstr(message.get())));
  };
  while (!stopping_) poll();
  // librdkafka 2.0.2 aborts when it ends a member that has joined and was never assigned anything,
  // not even nothing (its defect 4312): so wait until the group has met, or leave the client be.
  for (const auto patience = kafka::after(kMeeting);
       !met_ && std::chrono::steady_clock::now() < patience;)
    poll();
  rd_kafka_consumer_close(client_.get());  // leaves the group, and hands over what is held
}

void KafkaShare::rebalance(rd_kafka_t* client, rd_kafka_resp_err_t event,
                           rd_kafka_topic_partition_list_t* partitions, void* share) {
  auto& self = *static_cast<KafkaShare*>(share);
  self.met_ = true;
  if (event == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    self.receive(*partitions);
  } else if (event == RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS) {
    self.hand_over(*partitions);
  } else {
    spdlog::warn(fmt::format("kafka: the group {} could not move partitions: {}", self.group_,
                             rd_kafka_err2str(event)));
    {
      const std::lock_guard lock(self.mutex_);
      self.held_.clear();
    }
    self.tell();
    const std::lock_guard moving(self.moving_);
    rd_kafka_assign(client, nullptr);
  }
}

void KafkaShare::receive(rd_kafka_topic_partition_list_t& partitions) {
  for (int i = 0; i < partitions.cnt; ++i) partitions.elems[i].offset = RD_KAFKA_OFFSET_END;
  note("partitions cannot be taken", rd_kafka_incremental_assign(client_.get(), &partitions));
  rd_kafka_pause_partitions(client_.get(), &partitions);
  {
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < partitions.cnt; ++i) {
      const auto stream = streams_.find(partitions.elems[i].topic);
      if (stream == streams_.end()) continue;
      held_[{stream->second, static_cast<PartitionIndex>(partitions.elems[i].partition)}] =
          ++generation_;
    }
  }
  tell();
}

void KafkaShare::hand_over(rd_kafka_topic_partition_list_t& partitions) {
  {
    const std::lock_guard lock(mutex_);
    for (int i = 0; i < partitions.cnt; ++i) {
      const auto stream = streams_.find(partitions.elems[i].topic);
      if (stream == streams_.end()) continue;
      held_.erase({stream->second, static_cast<PartitionIndex>(partitions.elems[i].partition)});
    }
  }
  tell();
  // Kafka looks at a commit's member and generation, not at whose the partition is: so none may be
  // under way when another gets it.
  const std::lock_guard moving(moving_);
  note("partitions cannot be given up", rd_kafka_incremental_unassign(client_.get(), &partitions));
}

void KafkaShare::tell() {
  const std::lock_guard lock(listener_mutex_);
  if (listener_) listener_();
}

void KafkaShare::set_listener(Listener listener) {
  const std::lock_guard lock(listener_mutex_);
  listener_ = std::move(listener);
}

std::vector<Held> KafkaShare::assigned() const {
  const std::lock_guard lock(mutex_);
  std::vector<Held> out;
  for (const auto& [place, generation] : held_)
    out.push_back({place.first, place.second, generation});
  return out;
}

bool KafkaShare::holds(const Held& held) const {
  const std::lock_guard lock(mutex_);
  const auto found = held_.find({held.stream, held.partition});
  return found != held_.end() && found->second == held.generation;
}

Result<std::optional<Offset>> KafkaShare::committed(Stream stream, PartitionIndex partition) {
  if (auto right = check_partition(log_, stream, partition); !right) return fail(right.error());
  if (stopping_) return fail(ErrorClass::unavailable, kLogFailed, "", "The group is left.");
  return kafka::position(*client_, group_, kafka::topic_of(options_, stream), partition,
                         kafka::after(options_.read_timeout));
}

Status KafkaShare::commit(const Held& held, Offset next) {
  const auto topic = kafka::topic_of(options_, held.stream);
  const Partitions list(rd_kafka_topic_partition_list_new(1));
  auto* wanted = rd_kafka_topic_partition_list_add(list.get(), topic.c_str(),
                                                   static_cast<std::int32_t>(held.partition));
  const auto deadline = kafka::after(options_.read_timeout);
  while (true) {
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
    {
      const std::lock_guard moving(moving_);
      // A client that has lost its membership commits as none, which an empty group would take.
      if (!holds(held) || rd_kafka_assignment_lost(client_.get())) return not_held(held);
      wanted->offset = static_cast<std::int64_t>(next);
      error = rd_kafka_commit(client_.get(), list.get(), 0);
      if (!error) error = wanted->err;
    }
    if (!error) return {};
    if (is_outdated(error)) return not_held(held);
    // The group is meeting, or its coordinator moves.
    const bool passing =
        error == RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS || kafka::is_passing(error);
    if (!passing || std::chrono::steady_clock::now() + 50ms >= deadline)
      return kafka::unavailable("The position of the group " + group_ + " cannot be kept",
                                rd_kafka_err2str(error));
    std::this_thread::sleep_for(50ms);  // between tries, not to wait for anything
  }
}

}  // namespace fl::log

#include "core/log/kafka_client.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

namespace fl::log::kafka {

namespace {

void write_log(const rd_kafka_t*, int level, const char*, const char* text) {
  // Brokers that come and go are routine: librdkafka calls that an error.
  if (level <= 2)
    spdlog::error(fmt::format("kafka: {}", text));
  else if (level <= 4)
    spdlog::warn(fmt::format("kafka: {}", text));
  else
    spdlog::debug(fmt::format("kafka: {}", text));
}

Status set(rd_kafka_conf_t& conf, const std::string& name, const std::string& value) {
  std::array<char, 512> why{};
  if (rd_kafka_conf_set(&conf, name.c_str(), value.c_str(), why.data(), why.size()) ==
      RD_KAFKA_CONF_OK)
    return {};
  // Not the value: it may be a password.
  return fail(ErrorClass::malformed, "bad_kafka_settings", name,
              fmt::format("The Kafka client does not take the setting {}.", name));
}

Settings common(const KafkaOptions& options) {
  return {
      {"bootstrap.servers", options.bootstrap}, {"client.id", "fanledger"},
      {"socket.nagle.disable", "true"},         {"socket.keepalive.enable", "true"},
      {"socket.timeout.ms", "10000"},           {"reconnect.backoff.ms", "50"},
      {"reconnect.backoff.max.ms", "1000"},     {"topic.metadata.refresh.fast.interval.ms", "100"},
      {"log.connection.close", "false"}};
}

Result<Owned<rd_kafka_conf_t>> configure(const KafkaOptions& options, const Settings& settings,
                                         void* opaque) {
  Owned<rd_kafka_conf_t> conf(rd_kafka_conf_new());
  for (const auto* each : {&options.client, &settings}) {
    for (const auto& [name, value] : *each)
      if (auto taken = set(*conf, name, value); !taken) return fail(taken.error());
  }
  for (const auto& [name, value] : common(options))
    if (auto taken = set(*conf, name, value); !taken) return fail(taken.error());
  rd_kafka_conf_set_log_cb(conf.get(), write_log);
  rd_kafka_conf_set_opaque(conf.get(), opaque);
  return conf;
}

Result<Owned<rd_kafka_t>> make(rd_kafka_type_t type, Owned<rd_kafka_conf_t> conf) {
  std::array<char, 512> why{};
  auto* client = rd_kafka_new(type, conf.get(), why.data(), why.size());
  if (!client)
    return fail(ErrorClass::malformed, "bad_kafka_settings", "",
                fmt::format("The Kafka client cannot be made: {}.", why.data()));
  static_cast<void>(conf.release());  // the client has it now
  return Owned<rd_kafka_t>(client);
}

}  // namespace

Result<Owned<rd_kafka_t>> connect(const KafkaOptions& options, const Settings& settings,
                                  DeliveryReport report, void* opaque) {
  auto conf = configure(options, settings, opaque);
  if (!conf) return fail(conf.error());
  if (report) rd_kafka_conf_set_dr_msg_cb(conf->get(), report);
  return make(report ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER, std::move(*conf));
}

Result<Owned<rd_kafka_t>> connect_member(const KafkaOptions& options, const Settings& settings,
                                         Rebalance rebalance, void* opaque) {
  auto conf = configure(options, settings, opaque);
  if (!conf) return fail(conf.error());
  rd_kafka_conf_set_rebalance_cb(conf->get(), rebalance);
  return make(RD_KAFKA_CONSUMER, std::move(*conf));
}

Settings consumer_settings() {
  return {{"enable.auto.commit", "false"},
          {"enable.auto.offset.store", "false"},
          {"auto.offset.reset", "error"},
          // Every reader by one rule, and none held up by a transaction: nothing here makes one.
          {"isolation.level", "read_uncommitted"},
          {"enable.partition.eof", "true"},
          {"check.crcs", "true"},
          {"fetch.message.max.bytes", "4194304"},
          {"queued.max.messages.kbytes", "8192"},
          {"fetch.error.backoff.ms", "50"}};
}

std::string topic_of(const KafkaOptions& options, Stream stream) {
  const auto named = options.topics.find(stream);
  return named == options.topics.end() ? options.prefix + to_string(stream) : named->second;
}

Result<Owned<rd_kafka_topic_t>> topic(rd_kafka_t& client, const KafkaOptions& options,
                                      Stream stream) {
  auto* made = rd_kafka_topic_new(&client, topic_of(options, stream).c_str(), nullptr);
  if (made) return Owned<rd_kafka_topic_t>(made);
  return fail(ErrorClass::malformed, "bad_kafka_settings", "topic",
              fmt::format("{} is no name of a topic.", topic_of(options, stream)));
}

int left(Deadline deadline) {
  using std::chrono::milliseconds;
  const auto now = std::chrono::steady_clock::now();
  const auto rest = std::chrono::duration_cast<milliseconds>(deadline - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(rest, 1, 600'000));
}

bool is_passing(rd_kafka_resp_err_t error) {
  switch (error) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_REPLICA_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NETWORK_EXCEPTION:
    case RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS:
    case RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_NOT_COORDINATOR:
    case RD_KAFKA_RESP_ERR_NOT_CONTROLLER:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS:
    case RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS_AFTER_APPEND:
    case RD_KAFKA_RESP_ERR_FENCED_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_UNKNOWN_LEADER_EPOCH:
    case RD_KAFKA_RESP_ERR_OFFSET_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR:
      return true;
    default:
      return false;
  }
}

Failure unavailable(std::string_view what, std::string_view why) {
  return fail(ErrorClass::unavailable, kLogUnreachable, "", fmt::format("{}: {}.", what, why));
}

Record to_record(const rd_kafka_message_t& message) {
  Record out;
  out.offset = static_cast<Offset>(message.offset);
  if (message.key_len) out.key.assign(static_cast<const char*>(message.key), message.key_len);
  if (message.len) out.value.assign(static_cast<const char*>(message.payload), message.len);
  return out;
}

}  // namespace fl::log::kafka

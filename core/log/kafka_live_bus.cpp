#include "core/log/kafka_live_bus.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "core/log/kafka_admin.hpp"

namespace fl::log {

namespace {

using namespace std::chrono_literals;
constexpr int kPollMs = 100;
constexpr auto kAgain = 500ms;

kafka::Settings topic_settings() {
  return {{"cleanup.policy", "delete"},
          {"retention.ms", "600000"},
          {"segment.ms", "600000"},
          {"segment.bytes", "16777216"}};
}

/// Few may wait, and not for long: what is late is of no use.
kafka::Settings producer_settings() {
  return {{"acks", "1"},
          {"linger.ms", "5"},
          {"message.timeout.ms", "5000"},
          {"queue.buffering.max.messages", "1000"}};
}

kafka::Settings reader_settings() {
  auto settings = kafka::consumer_settings();
  settings["enable.partition.eof"] = "false";
  settings["auto.offset.reset"] = "latest";  // what went before it was read is no loss
  return settings;
}

void ignore(rd_kafka_t*, const rd_kafka_message_t*, void*) {}

}  // namespace

KafkaLiveBus::KafkaLiveBus(const KafkaOptions& options)
    : options_(options), topic_(options.prefix + "live") {}

Result<std::unique_ptr<KafkaLiveBus>> KafkaLiveBus::open(const KafkaOptions& options) {
  std::unique_ptr<KafkaLiveBus> bus(new KafkaLiveBus(options));
  if (auto started = bus->start(); !started) return fail(started.error());
  return bus;
}

Status KafkaLiveBus::start() {
  auto producer = kafka::connect(options_, producer_settings(), ignore);
  if (!producer) return fail(producer.error());
  producer_ = std::move(*producer);
  auto consumer = kafka::connect(options_, reader_settings());
  if (!consumer) return fail(consumer.error());
  consumer_ = std::move(*consumer);
  const auto deadline = kafka::after(options_.open_timeout);
  auto made =
      kafka::create(*producer_, topic_, {1, options_.replication}, topic_settings(), deadline);
  if (!made) return made;
  into_.reset(rd_kafka_topic_new(producer_.get(), topic_.c_str(), nullptr));
  from_.reset(rd_kafka_topic_new(consumer_.get(), topic_.c_str(), nullptr));
  if (!into_ || !from_)
    return fail(ErrorClass::malformed, "bad_kafka_settings", "topic",
                fmt::format("{} is no name of a topic.", topic_));
  if (auto reading = read_from_end(); !reading) return reading;
  thread_ = std::thread([this] { run(); });
  return {};
}

/// From the end of this moment, not of when the first fetch comes by: what is published once the
/// bus is open is heard.
Status KafkaLiveBus::read_from_end() {
  const auto reach = kafka::reach(*consumer_, topic_, 0, kafka::after(options_.open_timeout));
  if (!reach) return fail(reach.error());
  if (rd_kafka_consume_start(from_.get(), 0, static_cast<std::int64_t>(reach->high)) == 0)
    return {};
  return kafka::unavailable("The live topic cannot be read",
                            rd_kafka_err2str(rd_kafka_last_error()));
}

KafkaLiveBus::~KafkaLiveBus() {
  stopping_ = true;
  if (thread_.joinable()) thread_.join();
  if (from_) rd_kafka_consume_stop(from_.get(), 0);
  if (producer_)
    rd_kafka_purge(producer_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
}

void KafkaLiveBus::run() {
  while (!stopping_) {
    rd_kafka_poll(producer_.get(), 0);
    const kafka::Owned<rd_kafka_message_t> message(rd_kafka_consume(from_.get(), 0, kPollMs));
    if (!message) continue;
    if (message->err) {
      // librdkafka goes on by itself, at the end if need be.
      if (!kafka::is_passing(message->err))
        spdlog::warn(fmt::format("kafka: the live topic is disturbed: {}",
                                 rd_kafka_message_errstr(message.get())));
      std::this_thread::sleep_for(kAgain);
      continue;
    }
    const auto record = kafka::to_record(*message);
    deliver(record.key, record.value);
  }
}

void KafkaLiveBus::publish(std::string_view topic, std::string_view bytes) {
  if (topic.size() + bytes.size() > kMaxBytes) return;
  // A queue that is full means that nobody hears us anyway.
  static_cast<void>(rd_kafka_produce(into_.get(), 0, RD_KAFKA_MSG_F_COPY,
                                     const_cast<char*>(bytes.data()), bytes.size(), topic.data(),
                                     topic.size(), nullptr));
}

}  // namespace fl::log

#include "core/log/kafka_producer.hpp"

#include <fmt/format.h>

#include <condition_variable>
#include <deque>

#include "core/log/kafka_topics.hpp"

namespace fl::log::kafka {

namespace {

constexpr int kPollMs = 100;
constexpr int kPurgeMs = 5000;

Settings producer_settings() {
  const auto size = std::to_string(kMaxMessageBytes);
  return {{"enable.idempotence", "true"},
          {"acks", "all"},
          // A broker takes one request of a connection at a time: what comes meanwhile goes out
          // together, which costs it one sync, or one round to its copies, instead of several.
          {"max.in.flight.requests.per.connection", "1"},
          {"compression.type", "none"},
          {"message.max.bytes", size},
          {"batch.size", size},
          {"batch.num.messages", "1000000"},
          {"queue.buffering.max.messages", "1000000"},
          {"retry.backoff.ms", "50"},
          {"allow.auto.create.topics", "false"}};
}

}  // namespace

/// The reports of one append's records, in their order. Lives on the stack of a caller that waits;
/// for one that does not, until it is told.
struct Producer::Delivery {
  explicit Delivery(std::size_t records) : open(records) {}
  Delivery(Producer& its_producer, std::function<void(Result<Offset>)> told)
      : open(1), producer(&its_producer), done_later(std::move(told)) {}

  void take(const rd_kafka_message_t& message) {
    const std::lock_guard lock(mutex);
    if (message.err && !error) error = rd_kafka_err2str(message.err);
    if (!message.err) {
      if (message.offset < 0)
        error = "Kafka acknowledged a record without its offset";
      else if (first < 0)
        first = message.offset;
      else if (message.offset != next)
        error = "Kafka stored the records of one append apart";
      next = message.offset + 1;
    }
    if (--open == 0) done.notify_one();
  }

  void tell() {
    done_later(error ? Result<Offset>(producer->failed(*error))
                     : Result<Offset>(static_cast<Offset>(first)));
  }

  std::mutex mutex;
  std::condition_variable done;
  std::size_t open;
  Producer* producer = nullptr;
  std::function<void(Result<Offset>)> done_later;
  std::int64_t first = -1;
  std::int64_t next = -1;
  std::optional<std::string> error;
};

Producer::Producer(const KafkaOptions& options)
    : options_(options),
      commits_(kMaxAppendBytes, [this](auto writes) { return append_together(writes); }) {}

Producer::~Producer() {
  stopping_ = true;
  if (poller_.joinable()) poller_.join();
  for (const auto* client : {&single_, &together_})
    if (client->handle) drain(*client->handle);
}

/// Every record has its report before whoever it goes to is gone.
void Producer::drain(rd_kafka_t& client) {
  rd_kafka_purge(&client, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
  while (rd_kafka_outq_len(&client) > 0) rd_kafka_poll(&client, kPurgeMs);
}

Result<std::unique_ptr<Producer>> Producer::open(const KafkaOptions& options,
                                                 const std::vector<StreamConfig>& streams) {
  std::unique_ptr<Producer> made(new Producer(options));
  auto single = producer_settings();
  single["linger.ms"] = "0";
  single["message.timeout.ms"] = std::to_string(options.append_timeout.count());
  if (auto status = made->connect_client(made->single_, single, streams); !status)
    return fail(status.error());
  // Never by itself, neither to send nor to give up: half an append could go out, or be dropped.
  auto together = producer_settings();
  together["linger.ms"] = "900000";
  together["message.timeout.ms"] = "0";
  if (auto status = made->connect_client(made->together_, together, streams); !status)
    return fail(status.error());
  made->poller_ = std::thread([producer = made.get()] {
    while (!producer->stopping_) rd_kafka_poll(producer->single_.handle.get(), kPollMs);
  });
  return made;
}

Status Producer::connect_client(Client& client, const Settings& settings,
                                const std::vector<StreamConfig>& streams) {
  auto handle = connect(options_, settings, &Producer::report);
  if (!handle) return fail(handle.error());
  client.handle = std::move(*handle);
  for (const auto& config : streams) {
    auto made = topic(*client.handle, options_, config.stream);
    if (!made) return fail(made.error());
    client.topics[config.stream] = std::move(*made);
  }
  return {};
}

void Producer::report(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
  auto* delivery = static_cast<Delivery*>(message->_private);
  if (!delivery->done_later) return delivery->take(*message);
  const std::unique_ptr<Delivery> last(delivery);
  last->take(*message);
  last->tell();
}

void Producer::append_later(Stream stream, PartitionIndex partition, const NewRecord& record,
                            std::function<void(Result<Offset>)> done) {
  if (const auto why = refused()) return done(fail(*why));
  auto delivery = std::make_unique<Delivery>(*this, std::move(done));
  if (auto sent = send(single_, stream, partition, record, *delivery); !sent)
    return delivery->done_later(fail(sent.error()));
  static_cast<void>(delivery.release());  // its report ends it
}

std::optional<Error> Producer::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

void Producer::refuse(const Error& why) {
  const std::lock_guard lock(mutex_);
  if (!refused_) refused_ = why;
}

Failure Producer::failed(std::string_view why) {
  const Error error{ErrorClass::unavailable, kLogFailed, "",
                    fmt::format("The log cannot be written, and what was under way may be there or "
                                "not: {}.",
                                why)};
  refuse(error);
  return fail(error);
}

Result<Offset> Producer::append(Stream stream, PartitionIndex partition,
                                std::span<const NewRecord> records) {
  if (const auto why = refused()) return fail(*why);
  if (records.size() == 1) return append_one(stream, partition, records.front());
  Write write{stream, partition, records, {}, 0, append_size(records)};
  if (auto written = commits_.submit(write); !written) return fail(written.error());
  return write.offset;
}

Status Producer::send(Client& client, Stream stream, PartitionIndex partition,
                      const NewRecord& record, Delivery& delivery) {
  // No key and an empty value are Kafka's null: on a compacted topic that deletes the key.
  auto* value = record.value.empty() ? nullptr : const_cast<char*>(record.value.data());
  const auto* key = record.key.empty() ? nullptr : record.key.data();
  const int sent = rd_kafka_produce(client.topics.at(stream).get(),
                                    static_cast<std::int32_t>(partition), RD_KAFKA_MSG_F_COPY,
                                    value, record.value.size(), key, record.key.size(), &delivery);
  if (sent == 0) return {};
  return failed(rd_kafka_err2str(rd_kafka_last_error()));
}

Result<Offset> Producer::append_one(Stream stream, PartitionIndex partition,
                                    const NewRecord& record) {
  Delivery delivery(1);
  if (auto sent = send(single_, stream, partition, record, delivery); !sent)
    return fail(sent.error());
  std::unique_lock lock(delivery.mutex);
  delivery.done.wait(lock, [&] { return delivery.open == 0; });
  if (delivery.error) return failed(*delivery.error);
  return static_cast<Offset>(delivery.first);
}

Status Producer::append_together(std::span<Write* const> writes) {
  if (const auto why = refused()) return fail(*why);
  auto* client = together_.handle.get();
  std::deque<Delivery> deliveries;
  Status sent;
  for (const auto* write : writes) {
    auto& delivery = deliveries.emplace_back(write->records.size());
    for (const auto& record : write->records) {
      if (sent) sent = send(together_, write->stream, write->partition, record, delivery);
    }
  }
  // What could not even be queued whole is thrown away before any of it is sent.
  const auto time = static_cast<int>(options_.append_timeout.count());
  if (!sent || rd_kafka_flush(client, time) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    drain(*client);
  }
  if (!sent) return sent;
  for (std::size_t i = 0; i < writes.size(); ++i) {
    auto& delivery = deliveries[i];
    const std::lock_guard lock(delivery.mutex);
    if (delivery.error) return failed(*delivery.error);
    if (delivery.open) return failed("not every record was reported");
    writes[i]->offset = static_cast<Offset>(delivery.first);
  }
  return {};
}

}  // namespace fl::log::kafka

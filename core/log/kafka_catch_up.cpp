#include "core/log/kafka_catch_up.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

namespace fl::log::kafka {

CatchUp::CatchUp(const KafkaOptions& options, std::vector<StreamConfig> streams)
    : options_(options), streams_(std::move(streams)) {}

CatchUp::~CatchUp() {
  for (const auto& [place, readers] : readers_) {
    for (std::size_t i = 0; i < kClients; ++i) {
      if (readers[i].started)
        rd_kafka_consume_stop(clients_[i].topics.at(place.stream).get(),
                              static_cast<std::int32_t>(place.partition));
    }
  }
}

Result<rd_kafka_topic_t*> CatchUp::topic_handle(std::size_t client, Stream stream) {
  auto& wanted = clients_[client];
  const std::lock_guard lock(wanted.mutex);
  if (!wanted.handle) {
    auto made = connect(options_, consumer_settings());
    if (!made) return fail(made.error());
    for (const auto& config : streams_) {
      auto each = topic(**made, options_, config.stream);
      if (!each) return fail(each.error());
      wanted.topics[config.stream] = std::move(*each);
    }
    wanted.handle = std::move(*made);
  }
  return wanted.topics.at(stream).get();
}

/// The best of the readers that nobody uses: who stands there, who stands nowhere, who rests
/// longest.
std::optional<std::size_t> CatchUp::take(const Place& place, Offset from, Deadline deadline) {
  std::unique_lock lock(mutex_);
  auto& readers = readers_[place];
  const auto rank = [&](const Reader& reader) {
    if (reader.busy) return 3;
    if (reader.started && reader.next == from) return 0;
    return reader.started ? 2 : 1;
  };
  std::size_t best = 0;
  const bool found = freed_.wait_until(lock, deadline, [&] {
    for (std::size_t i = 0; i < kClients; ++i) {
      const int here = rank(readers[i]), there = rank(readers[best]);
      if (here < there || (here == there && readers[i].used < readers[best].used)) best = i;
    }
    return !readers[best].busy;
  });
  if (!found) return std::nullopt;
  readers[best].busy = true;
  readers[best].used = ++calls_;
  return best;
}

Status CatchUp::stand(std::size_t client, const Place& place, Reader& reader, Offset from) {
  const auto handle = topic_handle(client, place.stream);
  if (!handle) return fail(handle.error());
  if (reader.started && reader.next == from) return {};
  const auto partition = static_cast<std::int32_t>(place.partition);
  if (reader.started) rd_kafka_consume_stop(*handle, partition);
  reader.started = rd_kafka_consume_start(*handle, partition, static_cast<std::int64_t>(from)) == 0;
  reader.next = from;
  if (reader.started) return {};
  return unavailable("A partition cannot be read", rd_kafka_err2str(rd_kafka_last_error()));
}

Result<std::vector<Record>> CatchUp::read(Stream stream, PartitionIndex partition, bool sparse,
                                          Offset from, Offset end, Offset tail,
                                          std::size_t max_records, std::size_t max_bytes,
                                          Deadline deadline) {
  const Place place{stream, partition};
  const auto where =
      fmt::format("{}/{} cannot be read from {} on", to_string(stream), partition, from);
  const auto client = take(place, from, deadline);
  if (!client) return unavailable(where, "too many read it");
  auto& reader = readers_.at(place)[*client];  // stands for good, and is ours while it is busy

  const auto read_on = [&]() -> Result<std::vector<Record>> {
    if (auto stood = stand(*client, place, reader, from); !stood) return fail(stood.error());
    auto* topic = *topic_handle(*client, stream);
    std::vector<Record> out;
    std::size_t bytes = 0;
    while (reader.next < end && out.size() < max_records && (out.empty() || bytes < max_bytes)) {
      if (std::chrono::steady_clock::now() >= deadline)
        return unavailable(where, "the brokers do not answer in time");
      const Owned<rd_kafka_message_t> message(rd_kafka_consume(
          topic, static_cast<std::int32_t>(partition), std::min(left(deadline), 100)));
      if (!message) continue;
      if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        // A leader that does not know of the end yet says so below it: what must come, comes.
        if (sparse && static_cast<Offset>(message->offset) >= end) break;
        continue;
      }
      if (message->err == RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET)
        return fail(ErrorClass::unavailable, kNotThere, "", where + ": it is not there.");
      if (message->err) {
        if (is_passing(message->err)) continue;
        return unavailable(where, rd_kafka_err2str(message->err));
      }
      auto record = to_record(*message);
      if (record.offset < reader.next) continue;
      if (record.offset > reader.next && !sparse)
        return damaged({stream, partition, reader.next},
                       fmt::format("the record is missing, {} comes instead", record.offset));
      reader.next = record.offset + 1;
      bytes += record.key.size() + record.value.size();
      out.push_back(std::move(record));
    }
    return out;
  };
  auto out = read_on();

  if (reader.started && (!out || reader.next >= std::min(end, tail) || out->empty())) {
    rd_kafka_consume_stop(*topic_handle(*client, stream), static_cast<std::int32_t>(partition));
    reader.started = false;
  }
  const std::lock_guard lock(mutex_);
  reader.busy = false;
  freed_.notify_all();
  return out;
}

}  // namespace fl::log::kafka

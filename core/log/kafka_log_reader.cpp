#include "core/log/kafka_log_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "core/log/kafka_admin.hpp"
#include "core/log/kafka_catch_up.hpp"
#include "core/log/kafka_import_mark.hpp"

namespace fl::log {

namespace {

/// A later stream is never ahead of what an earlier one rests on: a job is of an event that stands
/// already, an act names a position of the ledger, and a person's key is kept before its first use.
constexpr std::array kOrderOfEnds = {Stream::jobs, Stream::activity, Stream::ledger,
                                     Stream::secrets};

Failure begins_later(const std::string& topic, const Position& at, Offset low) {
  return damaged(
      at, fmt::format("the topic {} begins at {}: what came before was deleted", topic, low));
}

}  // namespace

struct KafkaLogReader::Parts {
  explicit Parts(KafkaOptions given) : options(std::move(given)) {}

  Status describe(const std::vector<Stream>& wanted);
  Status fix_ends();
  std::string topic(Stream stream) const { return kafka::topic_of(options, stream); }
  /// What is wrong with a partition whose reader was told that a position is not there.
  Status examine(Stream stream, PartitionIndex partition);

  const KafkaOptions options;
  kafka::Owned<rd_kafka_t> client;
  std::vector<StreamConfig> streams;
  std::map<std::pair<Stream, PartitionIndex>, Offset> ends;
  std::unique_ptr<kafka::CatchUp> catch_up;
};

Status KafkaLogReader::Parts::describe(const std::vector<Stream>& wanted) {
  const auto deadline = kafka::after(options.open_timeout);
  auto made = kafka::connect(options, kafka::consumer_settings());
  if (!made) return fail(made.error());
  client = std::move(*made);
  for (const auto stream : wanted) {
    const auto found = kafka::describe(*client, topic(stream), deadline);
    if (!found) return fail(found.error());
    if (!*found)
      return fail(ErrorClass::refused, "log_missing", topic(stream),
                  fmt::format("There is no topic {}: is the prefix right?", topic(stream)));
    const auto partitions = (*found)->partitions;
    if (partitions == 0 || partitions > kMaxPartitions ||
        (stream == Stream::ledger && partitions != 1))
      return fail(ErrorClass::refused, "log_config_differs", topic(stream),
                  fmt::format("The topic {} has {} partitions, which no log has.", topic(stream),
                              partitions));
    streams.push_back({stream, partitions, stream == Stream::secrets});
  }
  return kafka::check_unmarked(*client, options, deadline);
}

Status KafkaLogReader::Parts::fix_ends() {
  const auto deadline = kafka::after(options.open_timeout);
  for (const auto stream : kOrderOfEnds) {
    for (const auto& config : streams) {
      for (PartitionIndex p = 0; config.stream == stream && p < config.partitions; ++p) {
        const auto found = kafka::reach(*client, topic(stream), p, deadline);
        if (!found) return fail(found.error());
        if (found->low > 0 && !config.compacted)
          return begins_later(topic(stream), {stream, p, 0}, found->low);
        ends[{stream, p}] = found->high;
      }
    }
  }
  return {};
}

Status KafkaLogReader::Parts::examine(Stream stream, PartitionIndex partition) {
  const auto now =
      kafka::reach(*client, topic(stream), partition, kafka::after(options.read_timeout));
  if (!now) return fail(now.error());
  if (now->low > 0 && stream != Stream::secrets)
    return begins_later(topic(stream), {stream, partition, 0}, now->low);
  const auto end = ends.at({stream, partition});
  if (now->high >= end) return {};
  return damaged({stream, partition, now->high},
                 fmt::format("the topic {} ends here, and {} was seen: it was cut short or made "
                             "anew",
                             topic(stream), end));
}

KafkaLogReader::KafkaLogReader(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
KafkaLogReader::~KafkaLogReader() = default;

Result<std::unique_ptr<KafkaLogReader>> KafkaLogReader::open(std::vector<Stream> streams,
                                                             KafkaOptions options) {
  const std::set<Stream> distinct(streams.begin(), streams.end());
  if (streams.empty() || distinct.size() != streams.size())
    return fail(ErrorClass::malformed, "bad_streams", "streams",
                "The streams of a log are distinct.");
  auto parts = std::make_unique<Parts>(std::move(options));
  if (auto found = parts->describe({distinct.begin(), distinct.end()}); !found)
    return fail(found.error());
  if (auto fixed = parts->fix_ends(); !fixed) return fail(fixed.error());
  parts->catch_up = std::make_unique<kafka::CatchUp>(parts->options, parts->streams);
  return std::unique_ptr<KafkaLogReader>(new KafkaLogReader(std::move(parts)));
}

const std::vector<StreamConfig>& KafkaLogReader::streams() const {
  return parts_->streams;
}

Result<std::vector<Record>> KafkaLogReader::read(Stream stream, PartitionIndex partition,
                                                 Offset from, std::size_t max_records,
                                                 std::size_t max_bytes) {
  if (auto right = check_partition(streams(), stream, partition); !right)
    return fail(right.error());
  const auto end = parts_->ends.at({stream, partition});
  std::vector<Record> none;
  if (from >= end || max_records == 0) return none;
  auto out =
      parts_->catch_up->read(stream, partition, stream == Stream::secrets, from, end, end,
                             max_records, max_bytes, kafka::after(parts_->options.read_timeout));
  if (out) {
    // Where compaction took what stood before the end, what comes next may stand behind it.
    while (!out->empty() && out->back().offset >= end) out->pop_back();
    return out;
  }
  if (out.error().code == kafka::kNotThere) {
    if (auto sound = parts_->examine(stream, partition); !sound) return fail(sound.error());
  }
  return out;
}

Result<Offset> KafkaLogReader::end(Stream stream, PartitionIndex partition) {
  if (auto right = check_partition(streams(), stream, partition); !right)
    return fail(right.error());
  return parts_->ends.at({stream, partition});
}

Result<bool> KafkaLogReader::has_grown() {
  for (const auto& [place, end] : parts_->ends) {
    const auto now = kafka::reach(*parts_->client, parts_->topic(place.first), place.second,
                                  kafka::after(parts_->options.read_timeout));
    if (!now) return fail(now.error());
    if (now->high != end) return true;
  }
  return false;
}

}  // namespace fl::log

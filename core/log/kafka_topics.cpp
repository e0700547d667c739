#include "core/log/kafka_topics.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <thread>

#include "core/log/kafka_admin.hpp"

namespace fl::log::kafka {

namespace {

/// What a setting must be: these words, or at least or at most this number.
struct Rule {
  enum class Kind { exactly, at_least, at_most };
  std::string name;
  Kind kind;
  std::string value;
};

constexpr std::chrono::seconds kPropagation{5};
constexpr const char* kHour = "3600000";
constexpr const char* kMonth = "2592000000";

std::vector<Rule> rules(const KafkaOptions& options, const StreamConfig& stream) {
  using enum Rule::Kind;
  std::vector<Rule> out = {
      {"unclean.leader.election.enable", exactly, "false"},
      {"max.message.bytes", at_least, std::to_string(kMaxMessageBytes)},
      {"min.insync.replicas", at_least, std::to_string(options.replication / 2 + 1)},
  };
  // One copy: in the broker's memory alone it would not survive a power loss.
  if (options.replication == 1) out.push_back({"flush.messages", exactly, "1"});
  if (stream.compacted) {
    out.push_back({"cleanup.policy", exactly, "compact"});
    // A deletion is seen by whoever reads within this time, and what it deletes is gone by then.
    out.push_back({"delete.retention.ms", at_least, kMonth});
    out.push_back({"max.compaction.lag.ms", at_most, kHour});
  } else {
    out.push_back({"cleanup.policy", exactly, "delete"});
    out.push_back({"retention.ms", exactly, "-1"});
    out.push_back({"retention.bytes", exactly, "-1"});
  }
  return out;
}

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

bool holds(const Rule& rule, const std::string& found) {
  if (rule.kind == Rule::Kind::exactly) return found == rule.value;
  const auto is = number(found), must = number(rule.value);
  if (!is || !must) return false;
  return rule.kind == Rule::Kind::at_least ? *is >= *must : *is <= *must;
}

const char* words(Rule::Kind kind) {
  switch (kind) {
    case Rule::Kind::exactly:
      return "must be";
    case Rule::Kind::at_least:
      return "must be at least";
    case Rule::Kind::at_most:
      return "must be at most";
  }
  return "";
}

/// Every broker is asked in turn, and one may hear of a new topic after another has.
Result<std::optional<TopicShape>> find(rd_kafka_t& client, const std::string& topic,
                                       Deadline deadline) {
  const auto patience = std::min(deadline, after(kPropagation));
  while (true) {
    auto found = describe(client, topic, deadline);
    if (!found || *found || std::chrono::steady_clock::now() >= patience) return found;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));  // between tries
  }
}

Failure differs(const std::string& topic, std::string_view what) {
  return fail(ErrorClass::refused, "log_config_differs", topic,
              fmt::format("The topic {} is not as the log needs it: {}.", topic, what));
}

}  // namespace

Settings wanted_settings(const KafkaOptions& options, const StreamConfig& stream) {
  const auto further = options.topic_settings.find(stream.stream);
  Settings out = further == options.topic_settings.end() ? Settings{} : further->second;
  if (stream.compacted) {
    out.try_emplace("min.cleanable.dirty.ratio", "0.1");
    out.try_emplace("segment.ms", kHour);
  }
  for (const auto& rule : rules(options, stream)) out[rule.name] = rule.value;
  return out;
}

Status make_topics(rd_kafka_t& client, const KafkaOptions& options,
                   const std::vector<StreamConfig>& streams, Deadline deadline) {
  for (const auto& stream : streams) {
    const auto topic = topic_of(options, stream.stream);
    const auto found = describe(client, topic, deadline);
    if (!found) return fail(found.error());
    if (*found) continue;
    auto made = create(client, topic, {stream.partitions, options.replication},
                       wanted_settings(options, stream), deadline);
    if (!made) return made;
  }
  return {};
}

Status check_topics(rd_kafka_t& client, const KafkaOptions& options,
                    const std::vector<StreamConfig>& streams, Deadline deadline) {
  std::vector<std::string> topics;
  for (const auto& stream : streams) {
    const auto& topic = topics.emplace_back(topic_of(options, stream.stream));
    const auto found = find(client, topic, deadline);
    if (!found) return fail(found.error());
    if (!*found)
      return fail(ErrorClass::refused, "log_missing", topic,
                  fmt::format("There is no topic {}.", topic));
    if ((*found)->partitions != stream.partitions)
      return differs(topic, fmt::format("it has {} partitions and must have {}",
                                        (*found)->partitions, stream.partitions));
    if ((*found)->replication < options.replication)
      return differs(topic, fmt::format("it has {} copies and must have {}", (*found)->replication,
                                        options.replication));
  }
  const auto settings = settings_of(client, topics, deadline);
  if (!settings) return fail(settings.error());
  for (std::size_t i = 0; i < streams.size(); ++i) {
    const auto found = settings->find(topics[i]);
    if (found == settings->end()) return unavailable("A topic has no settings", topics[i]);
    for (const auto& rule : rules(options, streams[i])) {
      const auto value = found->second.find(rule.name);
      const auto is = value == found->second.end() ? std::string("unset") : value->second;
      if (!holds(rule, is))
        return differs(topics[i], fmt::format("{} is {} and {} {}", rule.name, is, words(rule.kind),
                                              rule.value));
    }
  }
  return {};
}

}  // namespace fl::log::kafka

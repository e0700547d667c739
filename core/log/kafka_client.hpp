#pragma once

#include <librdkafka/rdkafka.h>

#include <chrono>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "core/base/error.hpp"
#include "core/log/kafka_options.hpp"

/// librdkafka's objects with owners, and its ways of configuring and failing made ours.
namespace fl::log::kafka {

struct Destroy {
  void operator()(rd_kafka_t* each) const { rd_kafka_destroy(each); }
  void operator()(rd_kafka_topic_t* each) const { rd_kafka_topic_destroy(each); }
  void operator()(rd_kafka_queue_t* each) const { rd_kafka_queue_destroy(each); }
  void operator()(rd_kafka_event_t* each) const { rd_kafka_event_destroy(each); }
  void operator()(rd_kafka_message_t* each) const { rd_kafka_message_destroy(each); }
  void operator()(rd_kafka_conf_t* each) const { rd_kafka_conf_destroy(each); }
  void operator()(rd_kafka_topic_partition_list_t* each) const {
    rd_kafka_topic_partition_list_destroy(each);
  }
  void operator()(rd_kafka_AdminOptions_t* each) const { rd_kafka_AdminOptions_destroy(each); }
  void operator()(const rd_kafka_metadata_t* each) const { rd_kafka_metadata_destroy(each); }
};
template <class T>
using Owned = std::unique_ptr<T, Destroy>;

using Settings = std::map<std::string, std::string>;
using Deadline = std::chrono::steady_clock::time_point;
using DeliveryReport = void (*)(rd_kafka_t*, const rd_kafka_message_t*, void* opaque);

/// A producer (with a delivery report) or a consumer (without one), not yet connected: that goes on
/// in threads of its own. `settings` come on top of those that every client has; the user's never
/// replace either. Errors: malformed `bad_kafka_settings`.
Result<Owned<rd_kafka_t>> connect(const KafkaOptions& options, const Settings& settings,
                                  DeliveryReport report = nullptr, void* opaque = nullptr);

using Rebalance = void (*)(rd_kafka_t*, rd_kafka_resp_err_t event,
                           rd_kafka_topic_partition_list_t* partitions, void* opaque);
/// A consumer that is to be a member of a group, and that is told of the group's moves.
Result<Owned<rd_kafka_t>> connect_member(const KafkaOptions& options, const Settings& settings,
                                         Rebalance rebalance, void* opaque);

/// What readers have in common: no group, no commits, no reset to anywhere.
Settings consumer_settings();

std::string topic_of(const KafkaOptions& options, Stream stream);
/// A handle of the stream's topic, for one client.
Result<Owned<rd_kafka_topic_t>> topic(rd_kafka_t& client, const KafkaOptions& options,
                                      Stream stream);

/// Milliseconds left, at least 1: no call may take 0 for "never" or a past deadline for "for ever".
int left(Deadline deadline);
inline Deadline after(std::chrono::milliseconds time) {
  return std::chrono::steady_clock::now() + time;
}
/// Whether trying again may help: brokers come and go, leaders move, coordinators load.
bool is_passing(rd_kafka_resp_err_t error);
Failure unavailable(std::string_view what, std::string_view why);

Record to_record(const rd_kafka_message_t& message);

}  // namespace fl::log::kafka

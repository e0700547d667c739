#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/log/kafka_client.hpp"

/// What is asked of the cluster beside records. Each call tries again while the error is a passing
/// one, until the deadline. Errors: unavailable `log_unreachable`, or as said.
namespace fl::log::kafka {

struct TopicShape {
  PartitionIndex partitions = 0;
  int replication = 0;  ///< the fewest copies that a partition has
};

/// Nothing when there is no such topic.
Result<std::optional<TopicShape>> describe(rd_kafka_t& client, const std::string& topic,
                                           Deadline deadline);
/// Returns once every partition has a leader. A topic that is there already is left as it is.
Status create(rd_kafka_t& client, const std::string& topic, const TopicShape& shape,
              const Settings& settings, Deadline deadline);
/// The settings in force of topics that exist.
Result<std::map<std::string, Settings>> settings_of(rd_kafka_t& client,
                                                    const std::vector<std::string>& topics,
                                                    Deadline deadline);

/// Where a partition begins and ends: what its readers can see.
struct Reach {
  Offset low = 0;
  Offset high = 0;
};
Result<Reach> reach(rd_kafka_t& client, const std::string& topic, PartitionIndex partition,
                    Deadline deadline);

/// The position that a group has committed; nothing for a new one.
Result<std::optional<Offset>> position(rd_kafka_t& client, const std::string& group,
                                       const std::string& topic, PartitionIndex partition,
                                       Deadline deadline);

}  // namespace fl::log::kafka

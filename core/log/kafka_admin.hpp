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
/// Returns once it is gone; a topic that is not there is gone.
Status remove(rd_kafka_t& client, const std::string& topic, Deadline deadline);
/// The settings in force of topics that exist.
Result<std::map<std::string, Settings>> settings_of(rd_kafka_t& client,
                                                    const std::vector<std::string>& topics,
                                                    Deadline deadline);

/// One rule of the cluster about who may append to a topic.
struct WriteRule {
  std::string principal;  ///< "User:owner"; "User:*" is everybody
  bool allows = true;     ///< else it forbids
  bool operator==(const WriteRule&) const = default;
};
/// What the cluster's rules say of appending to this topic, by its name, a prefix of it, or all
/// topics. Nothing where the cluster says that it has no authorizer: then everybody may. Error:
/// refused `rights_hidden`, when this client may not ask; unavailable `log_unreachable`.
Result<std::optional<std::vector<WriteRule>>> write_rules(rd_kafka_t& client,
                                                          const std::string& topic,
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

#include "core/log/kafka_admin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <functional>
#include <thread>

namespace fl::log::kafka {

namespace {

using namespace std::chrono_literals;

/// What a try came to: no error, or one with its words.
struct Outcome {
  rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_NO_ERROR;
  std::string why;
};

Outcome outcome(rd_kafka_resp_err_t error, const char* why = nullptr) {
  return {error, why ? why : rd_kafka_err2str(error)};
}

/// Tries until it succeeds, or the error is a lasting one, or the time is over.
Status persist(const std::string& what, Deadline deadline,
               const std::function<Outcome()>& attempt) {
  while (true) {
    const auto tried = attempt();
    if (tried.error == RD_KAFKA_RESP_ERR_NO_ERROR) return {};
    if (!is_passing(tried.error) || std::chrono::steady_clock::now() + 50ms >= deadline)
      return unavailable(what, tried.why);
    std::this_thread::sleep_for(50ms);  // between tries, not to wait for anything
  }
}

/// Sends an admin request by `send` and waits for the event of its answer.
Outcome ask(rd_kafka_t& client, rd_kafka_admin_op_t kind, Deadline deadline,
            const std::function<void(rd_kafka_AdminOptions_t*, rd_kafka_queue_t*)>& send,
            const std::function<Outcome(rd_kafka_event_t*)>& take) {
  const Owned<rd_kafka_AdminOptions_t> options(rd_kafka_AdminOptions_new(&client, kind));
  std::array<char, 256> why{};
  // A group's coordinator may be made only now, and an answer be lost meanwhile: ask again soon.
  const bool is_group = kind == RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS;
  const int time = std::min(left(deadline), is_group ? 2'500 : 10'000);
  rd_kafka_AdminOptions_set_request_timeout(options.get(), time, why.data(), why.size());
  if (kind == RD_KAFKA_ADMIN_OP_CREATETOPICS)
    rd_kafka_AdminOptions_set_operation_timeout(options.get(), time, why.data(), why.size());
  const Owned<rd_kafka_queue_t> queue(rd_kafka_queue_new(&client));
  send(options.get(), queue.get());
  const Owned<rd_kafka_event_t> event(rd_kafka_queue_poll(queue.get(), time + 1000));
  if (!event) return outcome(RD_KAFKA_RESP_ERR__TIMED_OUT);
  if (rd_kafka_event_error(event.get()))
    return outcome(rd_kafka_event_error(event.get()), rd_kafka_event_error_string(event.get()));
  return take(event.get());
}

Owned<rd_kafka_topic_partition_list_t> one(const std::string& topic, PartitionIndex partition) {
  Owned<rd_kafka_topic_partition_list_t> list(rd_kafka_topic_partition_list_new(1));
  rd_kafka_topic_partition_list_add(list.get(), topic.c_str(),
                                    static_cast<std::int32_t>(partition));
  return list;
}

/// The error of a group's answer and of its one partition, and the offset.
Outcome group_outcome(const rd_kafka_group_result_t** groups, std::size_t count,
                      std::int64_t& offset) {
  if (count != 1) return outcome(RD_KAFKA_RESP_ERR__BAD_MSG);
  if (const auto* error = rd_kafka_group_result_error(groups[0]))
    return outcome(rd_kafka_error_code(error), rd_kafka_error_string(error));
  const auto* partitions = rd_kafka_group_result_partitions(groups[0]);
  if (!partitions || partitions->cnt != 1) return outcome(RD_KAFKA_RESP_ERR__BAD_MSG);
  offset = partitions->elems[0].offset;
  return outcome(partitions->elems[0].err);
}

/// Whether a topic is there with a leader for every partition.
Outcome look(rd_kafka_t& client, const std::string& topic, Deadline deadline, TopicShape& shape) {
  const Owned<rd_kafka_topic_t> handle(rd_kafka_topic_new(&client, topic.c_str(), nullptr));
  if (!handle) return outcome(RD_KAFKA_RESP_ERR__INVALID_ARG);
  const rd_kafka_metadata_t* taken = nullptr;
  const auto error =
      rd_kafka_metadata(&client, 0, handle.get(), &taken, std::min(left(deadline), 5000));
  if (error) return outcome(error);
  const Owned<const rd_kafka_metadata_t> metadata(taken);
  if (metadata->topic_cnt != 1) return outcome(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC);
  const auto& found = metadata->topics[0];
  if (found.err) return outcome(found.err);
  shape = {static_cast<PartitionIndex>(found.partition_cnt), 1'000'000};
  for (int p = 0; p < found.partition_cnt; ++p) {
    if (found.partitions[p].leader < 0) return outcome(RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
    shape.replication = std::min(shape.replication, found.partitions[p].replica_cnt);
  }
  return {};
}

}  // namespace

Result<std::optional<TopicShape>> describe(rd_kafka_t& client, const std::string& topic,
                                           Deadline deadline) {
  TopicShape shape;
  bool missing = false;
  auto asked = persist("The topic " + topic + " cannot be described", deadline, [&] {
    auto tried = look(client, topic, deadline, shape);
    missing = tried.error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
              tried.error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    return missing ? Outcome{} : tried;
  });
  if (!asked) return fail(asked.error());
  if (missing) return std::nullopt;
  return shape;
}

Result<std::optional<std::vector<WriteRule>>> write_rules(rd_kafka_t& client,
                                                          const std::string& topic,
                                                          Deadline deadline) {
  struct DestroyFilter {
    void operator()(rd_kafka_AclBindingFilter_t* each) const { rd_kafka_AclBinding_destroy(each); }
  };
  std::array<char, 256> why{};
  const std::unique_ptr<rd_kafka_AclBindingFilter_t, DestroyFilter> filter(
      rd_kafka_AclBindingFilter_new(
          RD_KAFKA_RESOURCE_TOPIC, topic.c_str(), RD_KAFKA_RESOURCE_PATTERN_MATCH, nullptr, nullptr,
          RD_KAFKA_ACL_OPERATION_ANY, RD_KAFKA_ACL_PERMISSION_TYPE_ANY, why.data(), why.size()));
  if (!filter) return unavailable("The rights on " + topic + " cannot be asked for", why.data());
  std::vector<WriteRule> rules;
  rd_kafka_resp_err_t refused = RD_KAFKA_RESP_ERR_NO_ERROR;
  const auto take = [&](rd_kafka_event_t* event) {
    std::size_t count = 0;
    const auto** found =
        rd_kafka_DescribeAcls_result_acls(rd_kafka_event_DescribeAcls_result(event), &count);
    rules.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const auto operation = rd_kafka_AclBinding_operation(found[i]);
      if (operation != RD_KAFKA_ACL_OPERATION_WRITE && operation != RD_KAFKA_ACL_OPERATION_ALL)
        continue;
      const bool allows =
          rd_kafka_AclBinding_permission_type(found[i]) == RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW;
      rules.push_back({rd_kafka_AclBinding_principal(found[i]), allows});
    }
    return Outcome{};
  };
  auto asked = persist("The rights on " + topic + " cannot be asked for", deadline, [&] {
    auto tried = ask(
        client, RD_KAFKA_ADMIN_OP_DESCRIBEACLS, deadline,
        [&](auto* options, auto* queue) {
          rd_kafka_DescribeAcls(&client, filter.get(), options, queue);
        },
        take);
    refused = tried.error;
    const bool is_answer = refused == RD_KAFKA_RESP_ERR_SECURITY_DISABLED ||
                           refused == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED;
    return is_answer ? Outcome{} : tried;
  });
  if (!asked) return fail(asked.error());
  if (refused == RD_KAFKA_RESP_ERR_SECURITY_DISABLED) return std::nullopt;
  if (refused == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
    return fail(ErrorClass::refused, "rights_hidden", topic,
                "This client may not ask who may append to " + topic + ".");
  return rules;
}

Status create(rd_kafka_t& client, const std::string& topic, const TopicShape& shape,
              const Settings& settings, Deadline deadline) {
  struct DestroyTopic {
    void operator()(rd_kafka_NewTopic_t* each) const { rd_kafka_NewTopic_destroy(each); }
  };
  std::array<char, 256> why{};
  const std::unique_ptr<rd_kafka_NewTopic_t, DestroyTopic> wanted(
      rd_kafka_NewTopic_new(topic.c_str(), static_cast<int>(shape.partitions), shape.replication,
                            why.data(), why.size()));
  if (!wanted)
    return fail(ErrorClass::malformed, "bad_kafka_settings", "topic",
                fmt::format("The topic {} cannot be made: {}.", topic, why.data()));
  for (const auto& [name, value] : settings)
    rd_kafka_NewTopic_set_config(wanted.get(), name.c_str(), value.c_str());

  auto made = persist("The topic " + topic + " cannot be made", deadline, [&] {
    return ask(
        client, RD_KAFKA_ADMIN_OP_CREATETOPICS, deadline,
        [&](auto* options, auto* queue) {
          auto* each = wanted.get();
          rd_kafka_CreateTopics(&client, &each, 1, options, queue);
        },
        [](rd_kafka_event_t* event) {
          std::size_t count = 0;
          const auto** topics = rd_kafka_CreateTopics_result_topics(
              rd_kafka_event_CreateTopics_result(event), &count);
          if (count != 1) return outcome(RD_KAFKA_RESP_ERR__BAD_MSG);
          const auto error = rd_kafka_topic_result_error(topics[0]);
          // Another node was faster: the check that follows says whether it made the same.
          if (error == RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS) return Outcome{};
          return outcome(error, rd_kafka_topic_result_error_string(topics[0]));
        });
  });
  if (!made) return made;
  return persist("The topic " + topic + " has no leader", deadline, [&] {
    TopicShape ready;
    return look(client, topic, deadline, ready);
  });
}

Status remove(rd_kafka_t& client, const std::string& topic, Deadline deadline) {
  struct DestroyTopic {
    void operator()(rd_kafka_DeleteTopic_t* each) const { rd_kafka_DeleteTopic_destroy(each); }
  };
  const std::unique_ptr<rd_kafka_DeleteTopic_t, DestroyTopic> wanted(
      rd_kafka_DeleteTopic_new(topic.c_str()));
  const auto what = "The topic " + topic + " cannot be removed";
  auto asked = persist(what, deadline, [&] {
    return ask(
        client, RD_KAFKA_ADMIN_OP_DELETETOPICS, deadline,
        [&](auto* options, auto* queue) {
          auto* each = wanted.get();
          rd_kafka_DeleteTopics(&client, &each, 1, options, queue);
        },
        [](rd_kafka_event_t* event) {
          std::size_t count = 0;
          const auto** topics = rd_kafka_DeleteTopics_result_topics(
              rd_kafka_event_DeleteTopics_result(event), &count);
          if (count != 1) return outcome(RD_KAFKA_RESP_ERR__BAD_MSG);
          const auto error = rd_kafka_topic_result_error(topics[0]);
          if (error == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) return Outcome{};
          return outcome(error, rd_kafka_topic_result_error_string(topics[0]));
        });
  });
  if (!asked) return asked;
  while (true) {
    const auto found = describe(client, topic, deadline);
    if (!found) return fail(found.error());
    if (!*found) return {};
    if (std::chrono::steady_clock::now() + 50ms >= deadline)
      return unavailable(what, "the brokers still show it");
    std::this_thread::sleep_for(50ms);  // between tries
  }
}

Result<std::map<std::string, Settings>> settings_of(rd_kafka_t& client,
                                                    const std::vector<std::string>& topics,
                                                    Deadline deadline) {
  std::map<std::string, Settings> out;
  auto asked = persist("The settings of the topics cannot be read", deadline, [&] {
    std::vector<rd_kafka_ConfigResource_t*> wanted;
    for (const auto& topic : topics)
      wanted.push_back(rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic.c_str()));
    auto tried = ask(
        client, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS, deadline,
        [&](auto* options, auto* queue) {
          rd_kafka_DescribeConfigs(&client, wanted.data(), wanted.size(), options, queue);
        },
        [&](rd_kafka_event_t* event) {
          std::size_t count = 0;
          const auto** found = rd_kafka_DescribeConfigs_result_resources(
              rd_kafka_event_DescribeConfigs_result(event), &count);
          for (std::size_t i = 0; i < count; ++i) {
            if (const auto error = rd_kafka_ConfigResource_error(found[i]))
              return outcome(error, rd_kafka_ConfigResource_error_string(found[i]));
            auto& settings = out[rd_kafka_ConfigResource_name(found[i])];
            std::size_t entries = 0;
            const auto** all = rd_kafka_ConfigResource_configs(found[i], &entries);
            for (std::size_t j = 0; j < entries; ++j) {
              const auto* value = rd_kafka_ConfigEntry_value(all[j]);
              settings[rd_kafka_ConfigEntry_name(all[j])] = value ? value : "";
            }
          }
          return Outcome{};
        });
    rd_kafka_ConfigResource_destroy_array(wanted.data(), wanted.size());
    return tried;
  });
  if (!asked) return fail(asked.error());
  return out;
}

Result<Reach> reach(rd_kafka_t& client, const std::string& topic, PartitionIndex partition,
                    Deadline deadline) {
  std::int64_t low = 0, high = 0;
  auto asked =
      persist(fmt::format("The end of {}/{} cannot be read", topic, partition), deadline, [&] {
        const auto asked_one = outcome(rd_kafka_query_watermark_offsets(
            &client, topic.c_str(), static_cast<std::int32_t>(partition), &low, &high,
            std::min(left(deadline), 5000)));
        // librdkafka keeps to the leader that it knows until somebody asks who it is now.
        TopicShape shape;
        if (asked_one.error) static_cast<void>(look(client, topic, deadline, shape));
        return asked_one;
      });
  if (!asked) return fail(asked.error());
  if (low < 0 || high < 0)
    return unavailable("The end of " + topic + " cannot be read", "no offset");
  return Reach{static_cast<Offset>(low), static_cast<Offset>(high)};
}

Result<std::optional<Offset>> position(rd_kafka_t& client, const std::string& group,
                                       const std::string& topic, PartitionIndex partition,
                                       Deadline deadline) {
  std::int64_t offset = RD_KAFKA_OFFSET_INVALID;
  auto asked = persist("The position of the group " + group + " cannot be read", deadline, [&] {
    const auto list = one(topic, partition);
    auto* wanted = rd_kafka_ListConsumerGroupOffsets_new(group.c_str(), list.get());
    auto tried = ask(
        client, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS, deadline,
        [&](auto* options, auto* queue) {
          rd_kafka_ListConsumerGroupOffsets(&client, &wanted, 1, options, queue);
        },
        [&](rd_kafka_event_t* event) {
          std::size_t count = 0;
          const auto** groups = rd_kafka_ListConsumerGroupOffsets_result_groups(
              rd_kafka_event_ListConsumerGroupOffsets_result(event), &count);
          return group_outcome(groups, count, offset);
        });
    rd_kafka_ListConsumerGroupOffsets_destroy(wanted);
    return tried;
  });
  if (!asked) return fail(asked.error());
  if (offset < 0) return std::nullopt;
  return static_cast<Offset>(offset);
}

}  // namespace fl::log::kafka

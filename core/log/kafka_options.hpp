#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <string>

#include "core/log/log.hpp"

namespace fl::log {

/// How a log on Kafka is reached and kept. What its safety rests on may not be tuned.
struct KafkaOptions {
  std::string bootstrap;                 ///< "host:port,…" of some brokers
  std::string prefix = "fanledger.";     ///< topics are the prefix and the stream's name
  std::map<Stream, std::string> topics;  ///< another topic name for a stream

  /// Copies of every record. With 1 each record is synced to disk before it is acknowledged; with
  /// more it is in the memory of all but one of them at least, and reaches the disks later.
  int replication = 3;

  /// Further settings of librdkafka: security and the like. Not those that this code sets itself.
  std::map<std::string, std::string> client;
  /// Further settings of topics that are created; not those that are checked.
  std::map<Stream, std::map<std::string, std::string>> topic_settings;

  /// An import that was not finished may be opened: only who goes on with it says so.
  bool importing = false;

  std::chrono::milliseconds open_timeout{30'000};
  /// After this an append that is not acknowledged has failed, its outcome unknown.
  std::chrono::milliseconds append_timeout{30'000};
  /// After this a read, an end or a commit that gets no answer is refused; it may be tried again.
  std::chrono::milliseconds read_timeout{15'000};
  /// How often the topics are looked at for changes behind our back; 0: never.
  std::chrono::milliseconds check_interval{10'000};
  /// Recent records of all partitions together that are kept for readers near the end.
  std::size_t recent_bytes = 64 * 1024 * 1024;
};

}  // namespace fl::log
